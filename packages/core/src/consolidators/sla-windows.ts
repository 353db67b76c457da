import type { Maintenance, Reader } from '../contracts.js'

const DAY = 86_400_000
/** So long is remembered how far a window reached, and whom it was for. Later words about older ones are taken as news. */
const REMEMBERED = 400 * DAY
const SERVICES_REMEMBERED = 2 * DAY

/** Agreed time as it is known. No services: it is for all, unless it was forgotten for whom. */
export interface Window extends Pick<Maintenance, 'start' | 'end' | 'services'> {
  readonly isForgotten?: true
}
export type Windows = Readonly<Record<string, Window>>

/** What is agreed differently now, for these services; absent: for all. */
export interface Change {
  readonly from: number
  readonly to: number
  readonly services: readonly string[] | undefined
}

export async function readWindows(reader: Reader, now: number): Promise<Windows> {
  const windows: Record<string, Window> = {}
  for await (const { window, start, end, services } of reader.maintenance({ from: now - REMEMBERED })) {
    const isRecent = endOf({ end }) > now - SERVICES_REMEMBERED
    windows[window] = { start, end, ...(services && (isRecent ? { services } : { isForgotten: true })) }
  }
  return windows
}

/** What a further word about a window changes, and nothing else: a figure is restated only where its time is touched. */
export function* changesOf(before: Window | undefined, now: Window): Generator<Change> {
  if (!before) return yield { from: now.start, to: endOf(now), services: now.services }
  const either = before.services && now.services && [...new Set([...before.services, ...now.services])]
  yield { ...between(before.start, now.start), services: either }
  yield { ...between(endOf(before), endOf(now)), services: either }
  const services = before.isForgotten ? undefined : differenceOf(before.services, now.services)
  const [from, to] = [Math.max(before.start, now.start), Math.min(endOf(before), endOf(now))]
  if (services?.length !== 0) yield { from, to, services }
}

const endOf = ({ end }: Pick<Window, 'end'>) => end ?? Number.POSITIVE_INFINITY

function between(a: number, b: number) {
  return { from: Math.min(a, b), to: Math.max(a, b) }
}

/** Those that are in one of two sets. `undefined` is the set of all. */
function differenceOf(a: readonly string[] | undefined, b: readonly string[] | undefined) {
  if (!a || !b) return a === b ? [] : undefined
  const [inA, inB] = [new Set(a), new Set(b)]
  return [...a.filter((id) => !inB.has(id)), ...b.filter((id) => !inA.has(id))]
}
