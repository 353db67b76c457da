import { realpath, stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { type Clock, type Logger, messageOf, within } from '@uptimeserver/core'
import { type FSWatcher, watch } from 'chokidar'
import { FORMATS } from './parse/job.js'

/** In ms; a watcher that does not get ready is no reason to see nothing. */
const PATIENCE = 5_000
const OPTIONS = {
  ...{ depth: 0, ignoreInitial: true, atomic: false, ignorePermissionErrors: true },
  // A link is watched as such, for it may be turned elsewhere; where it leads is watched by its real path.
  followSymlinks: false,
}

/** Tells that something has happened in one of some folders. It need not be anything that matters. */
export class Watch {
  readonly #tell: () => void
  readonly #log: Logger
  #watcher: FSWatcher | undefined
  #folders = ''
  #hasWarned = false

  constructor(tell: () => void, log: Logger) {
    this.#tell = tell
    this.#log = log
  }

  /** Watches these folders and no others. @returns whether those are others than before */
  async follow(folders: ReadonlySet<string>, clock: Clock, signal: AbortSignal): Promise<boolean> {
    const there = await identify(folders)
    const key = [...there].flat().join('\n')
    if (key === this.#folders) return false
    await this.close()
    this.#folders = key
    const watcher = watch([...there.keys()], { ...OPTIONS, ignored: isForeign })
    this.#watcher = watcher
    const ready = new Promise<void>((resolve) => watcher.on('ready', resolve))
    watcher.on('all', this.#tell).on('raw', this.#hear).on('error', this.#warn)
    await within(clock, ready, PATIENCE, signal)
    return true
  }

  async close(): Promise<void> {
    const watcher = this.#watcher
    this.#watcher = undefined
    this.#folders = ''
    await watcher?.close()
  }

  /** Beside what chokidar makes of it: it looks for changes by name, of which the turn of a link is none. */
  readonly #hear = (event: string, path: unknown): void => {
    if (event !== 'change' || typeof path !== 'string' || isOurs(path)) this.#tell()
  }

  readonly #warn = (error: unknown): void => {
    const message = `file-provider: a folder cannot be watched, so changes are seen late: ${messageOf(error)}`
    if (!this.#hasWarned) this.#log.warn(message)
    this.#hasWarned = true
  }
}

/** Their real paths, with what tells a folder from another that takes its place. Of one that is not there, the nearest above. */
async function identify(folders: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    const path = await nearest(folder)
    const { ino, birthtimeMs } = await stat(path).catch(() => ({ ino: 0, birthtimeMs: 0 }))
    found.set(path, `${ino}:${birthtimeMs}`)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function nearest(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch {
    const above = dirname(folder)
    return above === folder ? folder : nearest(above)
  }
}

function isOurs(path: string): boolean {
  return FORMATS.has(extname(path).toLowerCase())
}

/** Others write in these folders too, a database every second. */
function isForeign(path: string, stats?: { isFile(): boolean }): boolean {
  return stats?.isFile() === true && !isOurs(path)
}
