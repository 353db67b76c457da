import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopped } from './process.js'

/** The processes that a PostgreSQL has besides its first: one for each connection. A signal to the first leaves them as they are. */
export class Family {
  readonly #pids: readonly number[]

  constructor(parent: number) {
    this.#pids = childrenOf(parent)
  }

  async pause(): Promise<void> {
    this.#signal('SIGSTOP')
    await Promise.all(this.#pids.map(stopped))
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  /** Waits until they have noticed that their first is gone. While one is there, no other server can have their data. */
  async ended(): Promise<void> {
    this.resume()
    for (const deadline = Date.now() + 10_000; this.#pids.some(isThere) && Date.now() < deadline; )
      await sleep(10)
    this.#signal('SIGKILL')
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.#pids) {
      try {
        process.kill(pid, signal)
      } catch {
        // It is gone.
      }
    }
  }
}

/** One that has ended and whose end nobody asks for does not count. */
const isThere = (pid: number) => /^State:\t[^ZX]/m.test(statusOf(pid))

function childrenOf(parent: number): number[] {
  if (!existsSync('/proc')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)
}

function parentOf(pid: string): number {
  return Number(/^PPid:\t(\d+)$/m.exec(statusOf(pid))?.[1])
}

/** Nothing, when it is gone. */
function statusOf(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
