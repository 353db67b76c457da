/** A monitor that writes batch after batch, and says which it knows to be stored: `writer.ts <url> <how many are>`. */
import { batches, openMongo } from './record.js'

const [url = '', done = '0'] = process.argv.slice(2)
const storage = await openMongo(url, 'monitor_kills')
for (const [index, events] of batches(5_000).entries()) {
  if (index < Number(done)) continue
  await storage.record(events)
  process.stdout.write(`${index + 1}\n`)
}
