import type { Skipped } from '@uptimeserver/core'

/** How many reasons are told: a cluster may have thousands. */
const MOST = 10

/** The first of what providers skipped, and how many more there are. */
export function shownOf<T extends Skipped>(skipped: readonly T[]): { shown: readonly T[]; more: number } {
  return { shown: skipped.slice(0, MOST), more: Math.max(0, skipped.length - MOST) }
}

/** Something is not watched for it. */
export function isAmiss({ harmless }: Skipped): boolean {
  return !harmless
}

export function named({ what, reason }: Skipped): string {
  return `${what}: ${reason}`
}
