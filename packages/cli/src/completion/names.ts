import { type ServiceFacts, type Storage, systemClock, within } from '@uptimeserver/core'
import { loadResolved } from '../load-config.js'
import { using } from '../open-storage.js'
import type { Candidate, Source } from './complete.js'

/** Whoever waits at a prompt waits no longer, in ms. */
const PATIENCE = 2_000

/** What the config and its record know of services. Where they do not answer at once, nothing. */
export async function namesFrom(source: Source, named: string | undefined): Promise<readonly Candidate[]> {
  const found: Facts[] = []
  const gathering = gather(named, found).catch(() => undefined)
  await within(systemClock, gathering, PATIENCE)
  const candidates = found.flatMap((facts) => PARTS[source](facts))
  return [...new Map(candidates.map((candidate) => [candidate.value, candidate])).values()]
}

type Facts = Pick<ServiceFacts, 'kind' | 'name' | 'category' | 'labels'>

const PARTS: Readonly<Record<Source, (facts: Facts) => Candidate[]>> = {
  filter: ({ name, kind, category }) => [{ value: name, about: [kind, category].filter(Boolean).join(', ') }],
  kind: ({ kind }) => [{ value: kind, about: '' }],
  category: ({ category }) => (category ? [{ value: category, about: '' }] : []),
  label: ({ labels = {} }) =>
    Object.entries(labels).map(([name, value]) => ({ value: `${name}=${value}`, about: '' })),
}

/** Those of the config at once; those that providers found are in the record. */
async function gather(named: string | undefined, found: Facts[]): Promise<void> {
  const { config, folder } = await loadResolved(named)
  found.push(...config.services)
  if (!config.providers.length) return
  const storage = config.storage as Storage
  const read = () => storage.services()
  found.push(...(await using(storage, { monitor: config.monitor, readOnly: true, folder }, read)))
}
