/** Opens a database that may be empty, records something and ends: `starter.ts <url> <db> <n>`. */
import { openMongo, T0 } from './record.js'

const [url = '', db = '', n = ''] = process.argv.slice(2)
const storage = await openMongo(url, db)
const service = { id: `s${n}`, kind: 'http', name: n, sources: ['config'] }
await storage.record([{ type: 'service-added', id: `add-${n}`, at: T0, service }])
await storage.close()
