import { userInfo } from 'node:os'

/** Who says it: the one that is named, or who is logged in. */
export function authorOf(named: string | undefined): string {
  if (named?.trim()) return named.trim()
  try {
    return userInfo().username || 'unknown'
  } catch {
    // In a container a user may have no name.
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
