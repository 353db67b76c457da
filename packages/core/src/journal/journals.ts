import { createHash } from 'node:crypto'
import type { Cursor, Event, Logger } from '../contracts.js'
import type { Instance } from '../leadership/instance.js'
import { reasonOf } from '../outcome.js'
import type { Disk, DiskFile } from './disk.js'
import { JournalFile } from './journal-file.js'
import { decode, encode, type Header, type JournalContents } from './records.js'

const ENDING = '.journal'
const REFUSED = '.refused'
/** Facts that a turn of checking left behind, because the storage did not take them. */
export interface Leftover {
  /** Who found them. */
  readonly holder: string
  /** The term in which they were found; 0 when nobody could be asked for one. */
  readonly term: number
  /** How far the log had come then, if anything was known of that. */
  readonly after?: Cursor | undefined
  readonly facts: readonly Event[]
  /** How many of them are in no file. */
  readonly unsafe: number
  /** The end of the finder's authority, in ms since the epoch. Absent: it had it to the end. */
  readonly until?: number | undefined
  /** The file that has them. */
  readonly file?: string | undefined
}

/** A file of a journal, as people may see it. */
export interface JournalReport extends JournalContents {
  readonly file: string
  /** Whether it was refused, and is kept for people only. */
  readonly isRefused: boolean
}

/** The files of all instances of one monitor on one disk. */
export class Journals {
  readonly #disk: Disk
  readonly #monitor: string
  readonly #instance: Instance
  readonly #log: Logger
  /** One that is alive and has a file writes to it more often than this, in ms. */
  readonly #silence: number
  readonly #own: string
  #count = 0

  /** @param silence how long a file was not written to whose instance does not lead any more, in ms: the lease's duration */
  constructor(disk: Disk, monitor: string, instance: Instance, log: Logger, silence: number) {
    this.#disk = disk
    this.#monitor = monitor
    this.#instance = instance
    this.#log = log
    this.#silence = silence
    this.#own = createHash('sha256').update(instance.id).digest('hex').slice(0, 12)
  }

  /** A file for what is found in a term. @param after how far the log has come, as far as that is known then */
  create(term: number, after: () => Cursor): JournalFile {
    const known = { monitor: this.#monitor, holder: this.#instance.id, term }
    const header = () => ({ ...known, after: after() })
    return new JournalFile(this.#disk, `${this.#own}-${++this.#count}${ENDING}`, header)
  }

  /** What instances left behind that are gone, oldest first. */
  async leftBehind(): Promise<Leftover[]> {
    const found: Leftover[] = []
    for (const file of await this.#disk.list()) {
      if (!file.name.endsWith(ENDING) || file.name.startsWith(this.#own)) continue
      const leftover = await this.#read(file).catch((error) => this.#pass(file, error))
      if (leftover) found.push(leftover)
    }
    return found.sort((a, b) => a.facts[0]!.at - b.facts[0]!.at)
  }

  remove(file: string): Promise<void> {
    return this.#disk.remove(file)
  }

  /** Keeps for people what no storage will take. */
  async refuse({ file, term, holder }: Leftover, facts: readonly Event[]): Promise<void> {
    const header: Header = { monitor: this.#monitor, holder, term }
    const text = [{ header }, ...facts.map((fact) => ({ fact }))].map(encode).join('')
    await this.#disk.replace(`${file}${REFUSED}`, text)
  }

  async #read({ name, ageMs }: DiskFile): Promise<Leftover | undefined> {
    const { header, facts, until, damaged } = decode(await this.#disk.read(name))
    if (header && header.monitor !== this.#monitor) return undefined
    if (ageMs < this.#silence && !(header && this.#instance.isGone(header.holder))) return undefined
    if (damaged || !header) await this.#setAside(name, damaged)
    if (header && facts.length) return { ...header, facts, unsafe: 0, until, file: name }
    await this.#disk.remove(name)
    return undefined
  }

  /** The bytes are kept: somebody may want to look at them. */
  async #setAside(name: string, damaged: number): Promise<void> {
    await this.#disk.replace(`${name}.damaged`, await this.#disk.read(name))
    this.#log.warn(
      `journal ${name}: ${damaged} records are torn or damaged and left out; see ${name}.damaged`,
    )
  }

  #pass({ name }: DiskFile, error: unknown): undefined {
    this.#log.warn(`journal ${name} cannot be read, and is left for the next start: ${reasonOf(error)}`)
    return undefined
  }
}

/** Everything that waits or was refused on a disk, for people. */
export async function readJournals(disk: Disk): Promise<JournalReport[]> {
  const names = (await disk.list()).map(({ name }) => name).filter((name) => name.includes(ENDING))
  const reports = names
    .filter((name) => name.endsWith(ENDING) || name.endsWith(REFUSED))
    .map(async (file) => ({
      file,
      isRefused: file.endsWith(REFUSED),
      ...decode(await disk.read(file)),
    }))
  return Promise.all(reports)
}
