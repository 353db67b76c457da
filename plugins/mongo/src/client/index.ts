/** What those share who speak to MongoDB: the check, and the storage. */
export { createClient, driver } from './client.js'
export { isRefused, isUnreachable, problemOf } from './problems.js'
export { databaseOf, hostsOf, URI_EXPECTED, uriProblem } from './uri.js'
