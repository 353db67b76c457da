import { constants } from 'node:fs'
import { copyFile, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '@uptimeserver/core'
import { replaceFile } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import type { Item, Remembered } from './book.js'
import { ensureFolder, failed, UNWRITABLE } from './folder.js'
import { ifThere } from './holder.js'

const HEADER = JSON.stringify({ uptime: 'socket-provider', format: 1 })

/** One line behind the header. */
const line = v.object({
  id: v.string(),
  owner: v.string(),
  kind: v.string(),
  name: v.string(),
  category: v.optional(v.string()),
  entry: v.record(v.string(), v.unknown()),
  report: v.optional(
    v.object({ status: v.picklist(['up', 'down']), at: v.number(), reason: v.optional(v.string()) }),
  ),
  silence: v.optional(v.number()),
  lateSince: v.optional(v.number()),
})

export interface Reading {
  readonly items: readonly Remembered[]
  /** What is wrong with the file, and where it was put aside. */
  readonly damage: string | undefined
}

/** The set on disk: a header, and a line of JSON for each service. Only its owner can read it. */
export class StateFile {
  readonly path: string
  readonly #clock: Clock
  #seen = ''

  constructor(path: string, clock: Clock) {
    this.path = path
    this.#clock = clock
  }

  /** What another process has written since the last look, as far as it can be read; `undefined`: nothing. Changes nothing. */
  async peek(): Promise<readonly Remembered[] | undefined> {
    const found = await stat(this.path, { bigint: true }).catch(ifThere).catch(this.#unreadable)
    const version = found ? `${found.ino} ${found.mtimeNs}` : ''
    if (version === this.#seen) return undefined
    await ensureFolder(dirname(this.path), UNWRITABLE)
    const text = await readFile(this.path, 'utf8').catch(ifThere).catch(this.#unreadable)
    this.#seen = version
    return itemsOf(text ?? '').items
  }

  /**
   * Reads what is there. Of a file that is damaged, whatever can be read; it is put aside as it is.
   *
   * @throws UptimeError `PROVIDER_FAILED` where it cannot be read, or others may write to its folder
   */
  async read(now: number): Promise<Reading> {
    await ensureFolder(dirname(this.path), UNWRITABLE)
    const text = await readFile(this.path, 'utf8').catch(ifThere).catch(this.#unreadable)
    if (text === undefined) return { items: [], damage: undefined }
    const { isOurs, found, items } = itemsOf(text)
    const isWhole = isOurs && items.length === found && text.endsWith('\n')
    return { items, damage: isWhole ? undefined : await this.#setAside(items.length, found, now) }
  }

  /** Puts these in place of what is there: as a whole or not at all, and durable when it resolves. */
  async write(items: Iterable<Item>): Promise<void> {
    const text = [HEADER, ...Array.from(items, this.#show), ''].join('\n')
    await replaceFile(this.path, text)
  }

  async #setAside(kept: number, found: number, now: number): Promise<string> {
    const aside = `${this.path}.damaged-${Math.floor(now)}`
    await copyFile(this.path, aside, constants.COPYFILE_EXCL)
    return `it was damaged and is kept as ${aside}; ${kept} of its ${found} services could be read`
  }

  /** By hand, so that an entry is not turned into text at each write. */
  readonly #show = ({ id, owner, kind, name, category, text, reports, deadline }: Item): string => {
    const memory = reports?.memory(this.#clock, deadline)
    const known = JSON.stringify({ id, owner, kind, name, category, ...memory })
    return `${known.slice(0, -1)},"entry":${text}}`
  }

  readonly #unreadable = (cause: Error): never => {
    throw failed(`${this.path} cannot be read: ${cause.message}; mend that, or name another file`, cause)
  }
}

function itemsOf(text: string) {
  const [header, ...lines] = text.split('\n')
  const parsed = lines.filter(Boolean).map(parse)
  const isOurs = header === HEADER
  return { isOurs, found: parsed.length, items: isOurs ? parsed.filter((each) => each !== undefined) : [] }
}

function parse(text: string): Remembered | undefined {
  try {
    const result = v.safeParse(line, JSON.parse(text))
    return result.success ? (result.output as Remembered) : undefined
  } catch {
    return undefined
  }
}
