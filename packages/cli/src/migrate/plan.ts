import { type Ancestor, COLLECTIONS, type Document, idOf, type Left } from './documents.js'
import { isLeft, leave, type OldDowntime, readDowntime, tidy } from './downtimes.js'
import { type OldRun, runsOf, runsUntil, signsOfLife } from './life.js'
import { type Carried, type Doubt, decide } from './service-plan.js'
import { type OldService, readServices } from './services.js'
import type { Target } from './target.js'

/** What whoever migrates says. */
export interface Choices {
  readonly now: number
  /** How long the ancestor may have written nothing and still counts as having run, in ms. */
  readonly silence: number
  /** Services that it stopped watching, by id, and when. It keeps no word of that. */
  readonly removed: ReadonlyMap<string, number>
  /** Who says that doubtful downtimes do not count. Absent: they do. */
  readonly excludedBy?: string | undefined
}

/** Everything that becomes of a record of the ancestor's. */
export interface Plan {
  readonly services: readonly Carried[]
  readonly runs: readonly OldRun[]
  readonly left: readonly Left[]
  readonly doubts: readonly Doubt[]
  /** When it watched last; `undefined` while it still does. */
  readonly over: number | undefined
  /** Here a monitor of the record's own takes over; what is later is left. */
  readonly until: number | undefined
}

/** Decides what is carried and what is not. Reads nothing and writes nothing. */
export function planMigration(ancestor: Ancestor, target: Target, choices: Choices): Plan {
  const { services, left } = readServices(ancestor)
  const read = readDowntimes(ancestor, services, choices.now)
  const signs = signsOfLife(ancestor, [...read.byService.values(), read.orphans].flat(), choices.now)
  const until = target.ownSince
  const over = endOf(signs, until, choices)
  const runs = runsOf(signs, choices.silence)
  const decided = services.map((service) => {
    const told = read.byService.get(service.facts.id) ?? []
    const { kept, left } = tidy(told)
    const decision = decide(service, { kept, told }, target, { ...choices, over })
    return { ...decision, left: [...left, ...decision.left] }
  })
  return {
    services: decided.flatMap(({ carried }) => carried ?? []),
    runs: until === undefined ? runs : runsUntil(runs, until),
    left: [...left, ...read.left, ...decided.flatMap((decision) => decision.left)],
    doubts: decided.flatMap(({ doubts }) => doubts),
    ...{ over, until },
  }
}

/** The end of its watch: the last sign of it, when that is older than it may be silent, or another monitor has taken over. */
function endOf(
  signs: readonly number[],
  until: number | undefined,
  { now, silence }: Choices,
): number | undefined {
  const last = signs.at(-1)
  if (last === undefined || (until === undefined && now - last <= silence)) return undefined
  return Math.min(last, until ?? Infinity)
}

interface ReadDowntimes {
  readonly byService: ReadonlyMap<string, readonly OldDowntime[]>
  /** Of services that are gone or cannot be carried: still proof that somebody looked. */
  readonly orphans: readonly OldDowntime[]
  readonly left: readonly Left[]
}

function readDowntimes(
  { downtimes, services: documents }: Ancestor,
  services: readonly OldService[],
  now: number,
): ReadDowntimes {
  const owners = ownersOf(services)
  const known = new Set(documents.map(({ _id }) => idOf(_id)))
  const byService = new Map<string, OldDowntime[]>()
  const orphans: OldDowntime[] = []
  const left: Left[] = []
  for (const document of downtimes) {
    const owner = idOf(document._id_uptime)
    const service = owners.get(owner)
    const read = readDowntime(document, service ?? '', now)
    if (isLeft(read)) left.push(read)
    else if (service !== undefined) byService.set(service, [...(byService.get(service) ?? []), read])
    else {
      orphans.push(read)
      left.push(leave(document, whyOrphan(owner, known.has(owner))))
    }
  }
  return { byService, orphans, left }
}

function whyOrphan(owner: string, isThere: boolean): string {
  return isThere
    ? `its service ${owner} cannot be carried`
    : `its service ${owner} is not in ${COLLECTIONS.services} any more`
}

/** Which service here a document of the ancestor's belongs to. */
export function ownersOf(
  services: readonly { readonly facts: { readonly id: string }; readonly documents: readonly Document[] }[],
): ReadonlyMap<string, string> {
  return new Map(
    services.flatMap(({ facts, documents }) => documents.map(({ _id }) => [idOf(_id), facts.id] as const)),
  )
}
