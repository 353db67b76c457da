import { crc32 } from 'node:zlib'
import type { Event } from '../contracts.js'

/** Whose facts a file holds. */
export interface Header {
  readonly monitor: string
  /** The instance that found them. */
  readonly holder: string
  /** The term in which it did; 0 when nobody could be asked for one. */
  readonly term: number
  /** How far the log had come by what it knew then. Absent: it knew nothing of it. */
  readonly after?: number | undefined
}

/** What a line of a journal says. */
export type JournalRecord =
  | { readonly header: Header }
  | { readonly fact: Event }
  /** The end of the finder's authority, in ms since the epoch; `null`: it has been renewed. */
  | { readonly until: number | null }

/** What a file holds, as far as it is whole. */
export interface JournalContents {
  readonly header: Header | undefined
  /** In order; of a fact that was written again the last holds. */
  readonly facts: readonly Event[]
  readonly until: number | undefined
  /** Lines that are torn or damaged, and left out. */
  readonly damaged: number
}

/** One line: the CRC-32 of what follows in eight hexadecimal digits, a space, JSON. */
export function encode(record: JournalRecord): string {
  const text = JSON.stringify(record)
  return `${checksum(text)} ${text}\n`
}

/** Whatever the bytes are. A line that is not whole is left out; those after it have their own checksums. */
export function decode(bytes: Uint8Array): JournalContents {
  const facts = new Map<string, Event>()
  let header: Header | undefined
  let until: number | undefined
  let damaged = 0
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (!line) continue
    const record = readLine(line)
    if (!record) damaged++
    else if ('header' in record) header = record.header
    else if ('fact' in record) facts.set(record.fact.id, record.fact)
    else until = record.until ?? undefined
  }
  return { header, facts: [...facts.values()], until, damaged }
}

function readLine(line: string): JournalRecord | undefined {
  const text = line.slice(9)
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(text)) return undefined
  return JSON.parse(text)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
