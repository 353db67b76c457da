import { type Problem, type Service, serviceId } from '@uptimeserver/core'
import { type EntryOptions, readEntry } from '@uptimeserver/core/kit'
import { parseAside } from './aside.js'
import { Extent } from './extent.js'
import { locate, placesOf, type Text } from './locate.js'
import type { Fault, Place } from './parse/job.js'
import { isRecord, type Sheet, sheetOf } from './sheet.js'

/** So many entries, of one file and of all together. */
export const MOST_ENTRIES = 100_000
/** What the entries of a file may come to once defaults and aliases are written out, in characters. */
const MOST_CHARACTERS = 32 * 1_048_576
/** Entries that are read in one go; others have their turn after them. */
const AT_ONCE = 100

/** A service as a file has it. */
export interface Entry {
  readonly key: string
  readonly options: unknown
  readonly service: Service
  readonly id: string
  readonly place: Place | undefined
}

/** What a file comes to when nothing is wrong with it. */
export interface Page {
  readonly includes: readonly { readonly pattern: string; readonly place: Place | undefined }[]
  readonly entries: readonly Entry[]
}

export type Outcome =
  | { readonly page: Page; readonly faults?: undefined }
  | { readonly page?: undefined; readonly faults: readonly Fault[] }

/**
 * Makes services of a file's entries, or says all that is wrong with it. An entry that has not changed is the one that it was.
 *
 * @param before what the file came to last
 */
export async function readPage(
  text: Text,
  options: EntryOptions,
  before: Page | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const parsed = await parseAside(text, signal)
  if (parsed.fault) return { faults: [parsed.fault] }
  const { sheet, problems: its } = sheetOf(parsed.data)
  if (its) return { faults: await locate(text, its, signal) }
  const tooMuch = excessOf(sheet)
  if (tooMuch) return { faults: [{ reason: tooMuch }] }
  const { entries, problems } = await readEntries(sheet, parsed.places, options, before, signal)
  if (problems.length) return { faults: await locate(text, problems, signal, sheet) }
  const places = await placesOf(
    text,
    sheet.includes.map(({ path }) => path),
    signal,
  )
  const includes = sheet.includes.map(({ pattern }, index) => ({ pattern, place: places[index] }))
  return { page: { includes, entries } }
}

function excessOf({ entries, defaults }: Sheet): string | undefined {
  if (entries.length > MOST_ENTRIES)
    return `it has ${entries.length} entries, expected at most ${MOST_ENTRIES}`
  const extent = new Extent()
  const each = extent.of(defaults)
  const all = entries.reduce<number>((sum, entry) => sum + each + extent.of(entry), 0)
  if (all <= MOST_CHARACTERS) return undefined
  return 'with its defaults and aliases written out it is longer than 32 MiB, or nested too deeply'
}

async function readEntries(
  sheet: Sheet,
  places: readonly Place[],
  options: EntryOptions,
  before: Page | undefined,
  signal: AbortSignal,
): Promise<{ entries: Entry[]; problems: Problem[] }> {
  const known = new Map(before?.entries.map((entry) => [entry.key, entry]))
  const entries: Entry[] = []
  const problems: Problem[] = []
  for (const [index, own] of sheet.entries.entries()) {
    const whole = isRecord(own) ? { ...sheet.defaults, ...own } : own
    const key = JSON.stringify(whole) ?? ''
    const place = places[index]
    const old = known.get(key)
    if (old) entries.push({ ...old, place })
    else {
      const { service, problems: its } = readEntry(whole, options)
      if (its) problems.push(...its.map((each) => within(sheet.pathOf(index), each)))
      else entries.push({ key, options: whole, service, id: serviceId(service), place })
    }
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  return { entries, problems }
}

function within(entry: string, { path, ...problem }: Problem): Problem {
  if (!path) return { path: entry, ...problem }
  return { path: path.startsWith('[') ? `${entry}${path}` : `${entry}.${path}`, ...problem }
}
