/** What those share who speak to MongoDB: the check, and the storage. */
export { createClient, hasNoServer } from './client.js'
export { isRefused, isUnreachable, problemOf } from './problems.js'
export { databaseOf } from './uri.js'
export { mongoUri } from './uri-schema.js'
