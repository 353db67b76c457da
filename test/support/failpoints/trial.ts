import { existsSync, readFileSync } from 'node:fs'
import type { Storage } from '@uptimeserver/core'
import { recordIn } from '../fact-record.js'
import { startInstance } from '../instance.js'
import { Project, type Running, sleep } from '../uptime.js'
import { type Life, wrongIn } from './verdict.js'

/** What one life may take, in ms. It takes some two seconds. */
const PATIENCE = 30_000
const CONFIG = new URL('config.mjs', import.meta.url).href

/** Where a monitor's record is kept, as its config and as the judge opens it. */
export interface Place {
  readonly imports: string
  /** Arguments of `scripted`, behind the folder. */
  readonly settings: string
  open(project: Project): Storage
}

/** A moment of a process: right before or right after a durable write, such as `before storage record 3`. */
export interface Moment {
  readonly line: string
  readonly side: string
  readonly kind: string
}

/** Monitors in one folder, one after the other, each of which goes on with the script where the one before it died. */
export class Trial implements Disposable {
  readonly #place: Place
  readonly #project = new Project()
  readonly #lives: Life[] = []
  #hasDied = false

  constructor(place: Place) {
    this.#place = place
    this.#project.usePackages()
    this.#project.write(
      'uptime.config.mjs',
      `import { scripted } from ${JSON.stringify(CONFIG)}
      ${place.imports}
      export default scripted(import.meta.dirname, ${place.settings})`,
    )
  }

  /**
   * One process, to its end.
   *
   * @param deadly where it dies. Absent: it comes to a clean end
   * @returns before and after each of its writes
   */
  async live(deadly = ''): Promise<Moment[]> {
    this.#project.write('writes.txt', '')
    await using monitor = startInstance(this.#project, { env: { UPTIME_TEST_DIE: deadly } })
    const end = await Promise.race([monitor.ended, sleep(PATIENCE)])
    const isEnd = end && (end.signal === 'SIGKILL' || end.code === 0)
    if (!isEnd) throw new Error(`it came to no end (${end?.code}): ${this.#said(monitor)}`)
    const moments = this.#list('writes.txt').map(asMoment)
    this.#hasDied = end.signal === 'SIGKILL'
    this.#lives.push({ lines: monitor.lines, hasTorn: hasTorn(moments) })
    return moments
  }

  /** Whether the last one did. */
  get hasDied(): boolean {
    return this.#hasDied
  }

  /** What is wrong in the end, in words. */
  async verdict(): Promise<string[]> {
    const record = await recordIn(this.#place.open(this.#project))
    const steps = this.#list('steps.txt').map((line) => JSON.parse(line) as { name: string; at: number })
    return wrongIn(record, this.#lives, new Map(steps.map(({ name, at }) => [name, at])))
  }

  #said({ stderr, lines }: Running): string {
    const telling = lines.filter(({ event }) => event !== 'check').map((line) => JSON.stringify(line))
    return [stderr, ...this.#list('steps.txt'), ...telling].join('\n')
  }

  #list(name: string): string[] {
    const path = this.#project.path(name)
    return (existsSync(path) ? readFileSync(path, 'utf8') : '').split('\n').filter(Boolean)
  }

  [Symbol.dispose](): void {
    this.#project[Symbol.dispose]()
  }
}

function asMoment(line: string): Moment {
  const [, side, kind] = /^(\w+) (.*) \d+$/.exec(line)!
  return { line, side: side!, kind: kind! }
}

/** Whether it may have died within a write: a file is written in two halves, each of which is begun and done. */
function hasTorn(moments: readonly Moment[]): boolean {
  const halves = moments.filter(({ kind }) => kind === 'journal write')
  return halves.length % 4 !== 0
}
