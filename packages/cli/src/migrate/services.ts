import { clean, type ServiceFacts, serviceId, withoutUserinfo } from '@uptimeserver/core'
import { type Ancestor, bornAt, COLLECTIONS, type Document, idOf, type Left, tell } from './documents.js'

/** Who holds what was carried over, until a source of the config has said what it holds. */
export const SOURCE = 'python-uptimeserver'

/** A service of the ancestor's: one here, and one document of it or several. */
export interface OldService {
  readonly facts: ServiceFacts
  readonly documents: readonly Document[]
}

/** Its kinds, and what they are here. */
const KINDS: Readonly<Record<string, string>> = {
  Mongo: 'mongo',
  Ingress: 'http',
  Kubernetes: 'kubernetes',
  Elasticsearch: 'elasticsearch',
}
/** In characters, as core takes it. */
const LONGEST_NAME = 500

/**
 * The services, by the id that they have here: that of the same service in a config. Documents of one service that was
 * written twice, or of one URL in several namespaces, come together.
 */
export function readServices({ services }: Ancestor): { services: OldService[]; left: Left[] } {
  const found = new Map<string, OldService>()
  const left: Left[] = []
  for (const document of services) {
    const facts = factsOf(document)
    if (typeof facts === 'string') left.push(leave(document, facts))
    else {
      const known = found.get(facts.id)
      const documents = [...(known?.documents ?? []), document]
      found.set(facts.id, { facts: known?.facts ?? facts, documents })
    }
  }
  return { services: [...found.values()], left }
}

/** When a service is heard of first, in ms: its document, or a downtime of it, was made then. */
export function firstSign({ documents }: OldService, starts: readonly number[]): number | undefined {
  const born = documents.flatMap((document) => bornAt(document) ?? [])
  return [...born, ...starts].reduce<number | undefined>(
    (first, time) => Math.min(first ?? time, time),
    undefined,
  )
}

/** Whether the last word on it was that it is up, or that it is down. */
export function lastWord({ documents }: OldService): 'up' | 'down' | undefined {
  if (documents.some(({ status }) => status === 1)) return 'down'
  return documents.some(({ status }) => status === 0) ? 'up' : undefined
}

function factsOf({ kind, description, category, ns }: Document): ServiceFacts | string {
  const own = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (own === undefined) return `kind is ${tell(kind)}, expected one of ${Object.keys(KINDS).join(', ')}`
  if (typeof description !== 'string' || !description.trim())
    return `description is ${tell(description)}, expected its name or URL`
  const isUrl = own === 'http'
  const name = nameOf(description, isUrl)
  const given = typeof category === 'string' ? category : undefined
  const id = serviceId({ kind: own, name, category: given, ...(isUrl && { identity: name }) })
  const labels = typeof ns === 'string' ? { namespace: clean(ns) } : undefined
  return { id, kind: own, name: name.slice(0, LONGEST_NAME), category: given, labels, sources: [SOURCE] }
}

/** A URL in the one form that ingress() has it in. */
function nameOf(description: string, isUrl: boolean): string {
  const name = clean(description)
  if (!isUrl) return name
  return URL.canParse(name) ? withoutUserinfo(new URL(name).href) : name
}

function leave(document: Document, why: string): Left {
  const { _id, description } = document
  return { collection: COLLECTIONS.services, id: idOf(_id), what: `service ${tell(description)}`, why }
}
