import { createHash } from 'node:crypto'
import type { Service, ServiceFacts } from './contracts.js'

/**
 * The id of a service: 16 hex digits of the SHA-256 of its kind and identity (its own `identity`, else category and
 * name). It stays while those stay, on every machine.
 */
export function serviceId({
  kind,
  identity,
  category,
  name,
}: Pick<Service, 'kind' | 'identity' | 'category' | 'name'>): string {
  const parts = identity === undefined ? [kind, category ?? null, name] : [kind, identity]
  return createHash('sha256').update(JSON.stringify(parts)).digest().toString('hex', 0, 8)
}

/** What is remembered of a service that these sources hold. */
export function factsOf(id: string, service: Service, sources: readonly string[]): ServiceFacts {
  const { kind, name, category, labels, objective } = service
  return { id, kind, name, category, labels, objective, sources }
}

/** Whether two descriptions say the same, whatever the order of keys. */
export function sameFacts(a: ServiceFacts, b: ServiceFacts): boolean {
  return canonical(a) === canonical(b)
}

function canonical({ id, kind, name, category, labels, objective, sources }: ServiceFacts): string {
  const sorted = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([id, kind, name, category, sorted, objective, [...sources].sort()])
}
