import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const OWNER_ONLY = 0o700
const OTHERS = 0o077

/**
 * The folder for compiled configs, beside the project's packages; `false` where there is none that only its owner can
 * look into: a config may hold secrets, and its copy here is readable to whoever can reach it.
 */
export function cacheIn(modules: string | undefined): string | false {
  if (!modules) return false
  const folder = join(modules, '.cache', 'uptimeserver')
  try {
    mkdirSync(dirname(folder), { recursive: true })
    makePrivate(folder)
    return isPrivate(folder) && folder
  } catch {
    return false
  }
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: OWNER_ONLY })
  } catch {
    if (!isPrivate(folder) && isOwn(folder)) chmodSync(folder, OWNER_ONLY)
  }
}

/** Windows knows no such modes: a folder there takes over who may look into the project. */
function isPrivate(folder: string): boolean {
  return isOwn(folder) && (process.platform === 'win32' || !(lstatSync(folder).mode & OTHERS))
}

function isOwn(folder: string): boolean {
  const stats = lstatSync(folder)
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid())
}
