import type { FactRecord } from '../fact-record.js'
import { faultsOf, lost, unfounded } from '../invariants.js'
import type { Line } from '../uptime.js'
import { unwatched } from '../vouching.js'

/** One process, and what it told. */
export interface Life {
  readonly lines: readonly Line[]
  /** Whether it died while it wrote into a journal. */
  readonly hasTorn: boolean
}

/** A step is timed by the wall's clock, a check by that of its run, and on a busy machine others come in between, in ms. */
const SLACK = 500

/** Each service of the script, and the steps in which it goes down and comes up; `null`: never. */
const OUTAGES: Readonly<Record<string, readonly [string, string] | null>> = {
  shop: ['shop down', 'shop up'],
  mail: ['mail down', 'mail up'],
  wild: ['wild down', 'wild up'],
  late: ['late down', 'late up'],
  soft: null,
  good: null,
}

/**
 * What is wrong with a record, in words: it is whole; what was told is in it; each outage of the script is one downtime, from a first
 * check that failed to a first one that was good.
 *
 * @param steps when each step of the script began, in ms since the epoch
 */
export function wrongIn(
  record: FactRecord,
  lives: readonly Life[],
  steps: ReadonlyMap<string, number>,
): string[] {
  const lines = lives.flatMap((life) => life.lines)
  return [
    ...faultsOf(record),
    ...unfounded(record, lines),
    ...unwatched(record, lines),
    ...lost(record, lines),
    ...Object.keys(OUTAGES).flatMap((name) => wrongOf(name, record, lives, steps)),
    ...lives.flatMap(({ lines }, index) => troubles(lines, lives.slice(0, index))),
  ]
}

function wrongOf(
  name: string,
  { services, downtimes }: FactRecord,
  lives: readonly Life[],
  steps: ReadonlyMap<string, number>,
): string[] {
  const ids = services.filter((service) => service.name === name).map(({ id }) => id)
  const found = downtimes.filter(({ service }) => ids.includes(service))
  const outage = OUTAGES[name]
  const wrong = [`${name}: found ${JSON.stringify(found)}`]
  if (ids.length !== 1 || found.length !== (outage ? 1 : 0)) return wrong
  if (!outage) return []
  const [{ start, end }] = found as [(typeof found)[number]]
  const [from, to] = outage.map((step) => steps.get(step)!) as [number, number]
  const isSo =
    firsts(name, false, from - SLACK, lives).includes(start) &&
    firsts(name, true, Math.max(to - SLACK, start), lives).includes(end!)
  return isSo ? [] : [`${wrong[0]}, made from ${from} to ${to}`]
}

/**
 * The first check with this outcome in each life, and the first one after time in which nobody looked: when they started. What
 * nobody was told of may be found again by the next, and a streak does not go on over a gap.
 */
function firsts(name: string, ok: boolean, since: number, lives: readonly Life[]): number[] {
  return lives.flatMap(({ lines }) => {
    const own = lines.filter((line) => line.name === name)
    const gaps = own.filter(({ event }) => event === 'gap').map(({ end }) => Date.parse(String(end)))
    const checks = own.filter((line) => line.event === 'check' && line.ok === ok)
    const times = checks.map(({ at }) => Date.parse(String(at))).filter((at) => at >= since)
    return times.filter((at, index) => index === 0 || gaps.includes(at))
  })
}

/** What was told that is neither of figures, which are made later when the storage is away, nor of a line that was torn by a death. */
function troubles(lines: readonly Line[], before: readonly Life[]): string[] {
  const isExpected = ({ message }: Line) =>
    String(message).startsWith('consolidator ') ||
    (before.some(({ hasTorn }) => hasTorn) && String(message).includes('torn or damaged'))
  return lines
    .filter((line) => (line.event === 'error' || line.event === 'incident') && !isExpected(line))
    .map((line) => `told: ${JSON.stringify(line)}`)
}
