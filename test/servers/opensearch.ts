import { obtainOpenSearch } from './opensearch-build.js'
import { startOpenSearchOf } from './opensearch-node.js'
import type { SearchOptions, SearchServer } from './search-server.js'

export type { SearchCredentials, SearchRequest } from './search-request.js'
export { SearchError } from './search-request.js'
export type { SearchMode, SearchOptions, SearchServer } from './search-server.js'
export { obtainOpenSearch }

/** A node that is a cluster, in some 3 seconds. It has no API keys. */
export async function startOpenSearch(options: SearchOptions = {}): Promise<SearchServer> {
  return startOpenSearchOf(await obtainOpenSearch(), options)
}
