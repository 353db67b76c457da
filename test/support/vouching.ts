import type { FactRecord } from './fact-record.js'
import type { Line } from './uptime.js'

/** A check may come this much later than the last one, and nobody is blind yet, in ms. */
const USUAL = 1_200

/** Times that the record vouches for, although nobody looked. @param lines what every monitor said, verbosely */
export function unwatched(record: FactRecord, lines: readonly Line[]): string[] {
  return record.services.flatMap(({ id, name, monitored }) => {
    const checks = checksOf(id, lines)
    return record.runs.flatMap((run) =>
      monitored.flatMap(({ start, end }) => {
        const [from, to] = [Math.max(run.start, start), Math.min(run.end, end ?? Number.POSITIVE_INFINITY)]
        return holesIn(from, to, checks)
          .filter(([a, b]) => b - a - blindFor(id, a, b, record) > USUAL)
          .map(([a, b]) => `${name}: run ${run.id} vouches for ${a} to ${b}, and nobody looked`)
      }),
    )
  })
}

function checksOf(service: string, lines: readonly Line[]): number[] {
  const own = lines.filter(({ event, id }) => event === 'check' && id === service)
  return own.map(({ at }) => Date.parse(String(at))).sort((a, b) => a - b)
}

/** From one look to the next. */
function holesIn(from: number, to: number, checks: readonly number[]): [number, number][] {
  const moments = [from, ...checks.filter((at) => from <= at && at <= to), to]
  return moments.slice(1).map((moment, index) => [moments[index]!, moment])
}

function blindFor(service: string, from: number, to: number, { gaps }: FactRecord): number {
  return gaps
    .filter((gap) => gap.service === service)
    .reduce((sum, { start, end }) => sum + Math.max(0, Math.min(to, end ?? to) - Math.max(from, start)), 0)
}
