import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { batches, everything, inMemory, openMongo, untilTaken } from './support/record.js'

vi.setConfig({ testTimeout: 300_000 })

const server = forAll(startMongo)

const facts = batches(8)
const summary = (version: number) => ({ key: 'k', version, asOf: 1, at: 1, body: { version } })

/** Opens, writes everything that there is to write, and reads it. Returns how many replies there were. */
async function written(db: string, proxy: TcpProxy): Promise<unknown> {
  const uri = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`
  let storage = await openMongo(uri, db).catch(() => undefined)
  // The opening is tried again, too.
  storage ??= await openMongo(uri, db)
  try {
    for (const events of facts) await untilTaken(() => storage.record(events))
    await untilTaken(() => storage.save([summary(0), summary(1), summary(2)]))
    await untilTaken(() => storage.publish([{ key: 'monitor', at: 1, body: {} }]))
    await untilTaken(() => storage.record(facts[0]!))
    return await everything(storage).catch(() => everything(storage))
  } finally {
    await storage.close()
  }
}

test('a reply that is lost, whichever it is, neither loses nor doubles a fact', async () => {
  const plain = await inMemory(facts)
  await plain.save([summary(0), summary(1), summary(2)])
  const expected = await everything(plain)
  await using proxy = await TcpProxy.to(server().port)
  let lost = 0
  for (let nth = 0; ; nth++) {
    proxy.swallowOne(nth)
    expect(await written(`lost_${nth}`, proxy), `without reply ${nth}`).toEqual(expected)
    if (proxy.swallowed === lost) break
    lost = proxy.swallowed
  }
  // Every kind of write is among them: the schema, log, views, how far they are, figures and live state.
  expect(lost).toBeGreaterThan(40)
})
