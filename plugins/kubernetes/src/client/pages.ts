import type { Cluster } from './cluster.js'
import { hasStatus } from './problems.js'

/** Objects that are asked for at once. Whoever owns some can make each of them 1.5 MiB long, and a page must fit. */
const PAGE = 200
/** A list that takes longer than the server keeps its versions must begin anew, but not for ever. */
const ATTEMPTS = 3

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  /** `null` from some servers where there are none. */
  readonly items: readonly T[] | null
}

export interface List<T> {
  readonly items: readonly T[]
  /** From here on changes can be watched. */
  readonly resourceVersion: string
}

/** All objects of a kind, page by page: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
export async function list<T>(
  cluster: Cluster,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<List<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listOnce(cluster, path, query, signal)
    } catch (error) {
      if (!hasStatus(error, 410) || attempt === ATTEMPTS) throw error
    }
  }
}

async function listOnce<T>(
  cluster: Cluster,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<List<T>> {
  const items: T[] = []
  let rest = ''
  for (;;) {
    const asked = new URLSearchParams({ ...query, limit: String(PAGE), ...(rest && { continue: rest }) })
    const page = await cluster.json<Page<T>>(`${path}?${asked}`, signal)
    for (const item of page.items ?? []) items.push(item)
    rest = page.metadata.continue ?? ''
    if (!rest) return { items, resourceVersion: page.metadata.resourceVersion }
  }
}
