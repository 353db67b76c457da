import { obtainElasticsearch } from './elasticsearch-build.js'
import { startElasticsearchOf } from './elasticsearch-node.js'
import type { SearchOptions, SearchServer } from './search-server.js'

export type { SearchCredentials, SearchRequest } from './search-request.js'
export { SearchError } from './search-request.js'
export type { SearchMode, SearchOptions, SearchServer } from './search-server.js'
export { obtainElasticsearch }

/** A node that is a cluster, in some 3 seconds. Its licence is the trial of all features. */
export async function startElasticsearch(options: SearchOptions = {}): Promise<SearchServer> {
  return startElasticsearchOf(await obtainElasticsearch(), options)
}
