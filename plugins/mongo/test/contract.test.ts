import { createServer } from 'node:net'
import { mongo } from '@uptimeserver/mongo'
import { serviceContract } from '@uptimeserver/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { openMongoPlace } from '../../../test/servers/mongo-place.js'
import { freePort } from '../../../test/servers/process.js'

const place = forAll(openMongoPlace)
let nobody: number
const silent = createServer(() => undefined)
beforeAll(async () => {
  nobody = await freePort()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void silent.close())

serviceContract(
  (name, body) => test(name, body, 60_000),
  () => {
    const { port } = silent.address() as { port: number }
    return {
      up: () => mongo(place().url, { name: 'up' }),
      down: () => mongo(`mongodb://someone:hunter2@127.0.0.1:${nobody}`, { name: 'down' }),
      hanging: () => mongo(`mongodb://127.0.0.1:${port}`, { name: 'hanging' }),
      broken: () => mongo('mongodb://someone:hunter2@host:99999', { name: 'broken', require: 0 }),
      secrets: ['hunter2'],
    }
  },
)
