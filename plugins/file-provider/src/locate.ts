import type { Problem } from '@uptimeserver/core'
import { formatProblem } from '@uptimeserver/core/kit'
import { parseAside } from './aside.js'
import type { Fault, Format, Place } from './parse/job.js'
import type { Sheet } from './sheet.js'

/** Faults of one file that are told. */
const MOST_FAULTS = 20

/** What stands in a file. */
export interface Text {
  readonly format: Format
  readonly text: string
}

/** Says of each problem where in the file it is. */
export async function locate(
  text: Text,
  problems: readonly Problem[],
  signal: AbortSignal,
  sheet?: Sheet,
): Promise<Fault[]> {
  const told = problems.slice(0, MOST_FAULTS)
  const places = await placesOf(
    text,
    told.map(({ path }) => homeOf(path, sheet)),
    signal,
  )
  const faults: Fault[] = told.map((problem, index) => ({
    reason: formatProblem(problem),
    place: places[index],
  }))
  const more = problems.length - told.length
  return more ? [...faults, { reason: `${more} more problems` }] : faults
}

/** What an entry has from the defaults stands there. */
function homeOf(path: string, sheet: Sheet | undefined): string {
  const [, index, key] = /^(?:services)?\[(\d+)\]\.([^.[]+)/.exec(path) ?? []
  if (!sheet || key === undefined) return path
  const isInherited =
    Object.hasOwn(sheet.defaults, key) && !Object.hasOwn(Object(sheet.entries[Number(index)]), key)
  return isInherited ? path.replace(/^services\[\d+\]/, 'defaults') : path
}

/** Where something is, by its path. */
export async function placesOf(
  text: Text,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly Place[]> {
  if (!paths.length) return []
  const { places } = (await parseAside({ ...text, paths }, signal)) as { places?: readonly Place[] }
  return places ?? []
}
