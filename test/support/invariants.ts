import type { Downtime, Event } from '@uptimeserver/core'
import type { FactRecord } from './fact-record.js'
import type { Line } from './uptime.js'

/** What a record may never say, whatever became of those who wrote it. Returns what is wrong, in words. */
export function faultsOf(record: FactRecord): string[] {
  return [
    ...faultsOfLog(record),
    ...faultsOfTerms(record),
    ...faultsOfRuns(record),
    ...faultsOfDowntimes(record),
    ...faultsOfGaps(record),
  ]
}

/** Numbers without holes; terms never go back, and each begins with the word of who leads. */
export function faultsOfLog({ log }: FactRecord): string[] {
  const faults: string[] = []
  let last = 0
  log.forEach(({ seq, term, events }, index) => {
    if (seq !== index + 1) faults.push(`entry ${index + 1} has the number ${seq}`)
    if (term < last) faults.push(`entry ${seq}: term ${term} after ${last}`)
    if (term > last && events[0]?.type !== 'led')
      faults.push(`entry ${seq}: term ${term} begins without a leader`)
    last = term
  })
  return faults
}

/** What is found in one term is not told in a later one, but for what is over. */
export function faultsOfTerms({ log }: FactRecord): string[] {
  const terms = new Map<string, number>()
  return log.flatMap(({ seq, term, events }) =>
    events.flatMap((fact) => {
      const { run } = fact as { readonly run?: string }
      if (run === undefined) return []
      const own = terms.get(run) ?? term
      terms.set(run, own)
      return own === term || isOver(fact)
        ? []
        : [`entry ${seq}: a fact of term ${own} in term ${term}: ${fact.type}`]
    }),
  )
}

function isOver(fact: Event): boolean {
  if (fact.type === 'down') return fact.end !== undefined
  return fact.type === 'alive' || (fact.type === 'gap' && fact.end !== null)
}

/** Two that watch at the same time are two that lead. */
function faultsOfRuns({ runs }: FactRecord): string[] {
  const sorted = [...runs].sort((a, b) => a.start - b.start)
  return sorted.flatMap(({ id, start, end }, index) => {
    const next = sorted[index + 1]
    if (end < start) return [`run ${id} ends before it begins`]
    return next && next.start < end ? [`run ${id} goes on ${end - next.start} ms into ${next.id}`] : []
  })
}

function faultsOfDowntimes({ downtimes }: FactRecord): string[] {
  return [...byService(downtimes)].flatMap(([service, own]) =>
    own.flatMap(({ id, start, end }, index) => {
      const next = own[index + 1]
      if (end !== null && end < start) return [`downtime ${id} of ${service}: ${start} to ${end}`]
      const isFree = !next || (end !== null && end <= next.start)
      return isFree
        ? []
        : [`downtime ${id} of ${service} goes on in ${next.id}: ${start} to ${end}, from ${next.start}`]
    }),
  )
}

function faultsOfGaps({ gaps }: FactRecord): string[] {
  return gaps.flatMap(({ id, start, end }) =>
    end !== null && end < start ? [`gap ${id}: ${start} to ${end}`] : [],
  )
}

/** Each downtime begins with a check that failed, and ends with one that did not. @param lines what every monitor said, verbosely */
export function unfounded({ downtimes }: FactRecord, lines: readonly Line[]): string[] {
  const checks = new Set(
    lines.filter(({ event }) => event === 'check').map(({ id, at, ok }) => `${id} ${at} ${ok}`),
  )
  const was = (service: string, at: number, ok: boolean) =>
    checks.has(`${service} ${new Date(at).toISOString()} ${ok}`)
  return downtimes.flatMap(({ id, service, start, end }) => [
    ...(was(service, start, false) ? [] : [`downtime ${id}: no check failed at ${start}`]),
    ...(end === null || was(service, end, true) ? [] : [`downtime ${id}: no check was good at ${end}`]),
  ])
}

/** Transitions from and to down that a monitor told, and that are not on record with the same times. */
export function lost({ downtimes }: FactRecord, lines: readonly Line[]): string[] {
  const own = byService(downtimes)
  return lines
    .filter(({ event, stored }) => event === 'transition' && stored !== null)
    .filter((line) => !isOnRecord(line, own.get(String(line.id)) ?? []))
    .map((line) => `not on record: ${JSON.stringify(line)}`)
}

/** One that began while another was open goes on in that one. */
function isOnRecord({ to, at, downtime }: Line, downtimes: readonly Downtime[]): boolean {
  const time = Date.parse(String(at))
  if (to !== 'down') return downtimes.some(({ end }) => end === time)
  return downtimes.some(({ id, start, end }) =>
    id === downtime ? start === time : start <= time && time < (end ?? Number.POSITIVE_INFINITY),
  )
}

function byService(downtimes: readonly Downtime[]): Map<string, Downtime[]> {
  const groups = new Map<string, Downtime[]>()
  for (const downtime of [...downtimes].sort((a, b) => a.start - b.start))
    groups.set(downtime.service, [...(groups.get(downtime.service) ?? []), downtime])
  return groups
}
