import { setTimeout as sleep } from 'node:timers/promises'
import { UptimeError } from '@uptimeserver/core'
import { type MongoOptions, mongo } from '@uptimeserver/mongo'
import { quietContext } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { startMongoSet } from '../../../test/servers/mongo-set.js'
import { freePort } from '../../../test/servers/process.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { checked as checkedService } from '../../../test/support/checked.js'

vi.setConfig({ testTimeout: 60_000 })

const checked = (uri: string, options: MongoOptions = {}, ms?: number) =>
  checkedService(mongo(uri, { name: 'it', ...options }), ms)

describe('a server', () => {
  const server = forAll(startMongo)

  test('that answers is up, and says what it is', async () => {
    const { detail } = await checked(server().url)
    expect(detail).toEqual({
      latencyMs: expect.any(Number),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      primary: `127.0.0.1:${server().port}`,
      members: { [`127.0.0.1:${server().port}`]: 'primary' },
    })
    expect(await checked(server().url, { require: 'primary' })).not.toHaveProperty('reason')
    expect(await checked(server().url, { require: 'majority', minVersion: '5.0' })).not.toHaveProperty(
      'reason',
    )
    expect((await checked(server().url, { require: 2 })).reason).toBe('1 of 1 members answer, 2 required')
    expect((await checked(server().url, { minVersion: '99.0' })).reason).toMatch(
      /is version \d.*, expected 99.0 or later$/,
    )
  })

  test('that is frozen, killed, stopped and there again each time, is noticed by one service', async () => {
    const service = mongo(server().url, { name: 'it' })
    const check = (ms = 8_000) => service.check(quietContext(AbortSignal.timeout(ms)))
    await check()
    await server().pause()
    await expect(check(700)).rejects.toThrow(/aborted|timeout/i)
    server().resume()
    await check()
    await server().kill()
    await expect(check()).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${server().port}`)
    await server().restart()
    await check()
    await server().stop()
    await expect(check()).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${server().port}`)
    await server().restart()
    await check()
    // A connection that was kept is gone, and nobody was down.
    await server().restart()
    await check()
    await service.close?.()
  })

  test('behind a proxy that hangs, resets, drips or cuts', async () => {
    await using proxy = await TcpProxy.to(server().port)
    const url = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`
    expect(await checked(url)).not.toHaveProperty('reason')
    proxy.set({ mode: 'drip', bytes: 40, ms: 1 })
    expect(await checked(url)).not.toHaveProperty('reason')
    proxy.set('hang')
    expect((await checked(url, {}, 500)).reason).toMatch(/aborted|timeout/i)
    proxy.set('reset')
    expect((await checked(url)).reason).toMatch(/closed/)
    proxy.set('cut')
    expect((await checked(url)).reason).toMatch(/closed/)
    await sleep(1_500)
    expect(proxy.connections).toBe(0)
  })

  test('that nobody is, or that hangs, is told in time also when there is little of it', async () => {
    const port = await freePort()
    const late = () => AbortSignal.timeout(1_500)
    const check = async (url: string) => {
      const service = mongo(url, { name: 'it' })
      const stop = new AbortController()
      late().addEventListener('abort', () =>
        stop.abort(new UptimeError('CHECK_TIMEOUT', 'timeout after 1.5s')),
      )
      const error: Error = await service.check(quietContext(stop.signal)).then(
        () => expect.fail('up'),
        (error) => error,
      )
      await service.close?.()
      return error.message
    }
    expect(await check(`mongodb://127.0.0.1:${port}`)).toBe(
      `timeout after 1.5s: connect ECONNREFUSED 127.0.0.1:${port}`,
    )
    await using proxy = await TcpProxy.to(server().port)
    proxy.set('hang')
    expect(await check(`mongodb://127.0.0.1:${proxy.port}`)).toBe(
      `timeout after 1.5s: 127.0.0.1:${proxy.port} does not answer`,
    )
    proxy.set('pass')
    expect((await checked(`${server().url}/?replicaSet=other`)).reason).toBe(
      `127.0.0.1:${server().port}: no member of the replica set "other"`,
    )
  })

  test('leaves nothing behind when it was checked and failed many times', async () => {
    await using proxy = await TcpProxy.to(server().port)
    const url = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`
    const before = process.getActiveResourcesInfo().length
    for (let i = 0; i < 5; i++) await checked(url)
    proxy.set('hang')
    for (let i = 0; i < 5; i++) await checked(url, {}, 100)
    proxy.set('cut')
    for (const deadline = Date.now() + 15_000; proxy.connections > 0 && Date.now() < deadline; )
      await sleep(50)
    expect(proxy.connections).toBe(0)
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(100))
      if (process.getActiveResourcesInfo().length <= before + 2) break
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 2)
  })
})

describe('a set of three servers that say they are one (nothing is replicated, nobody elects)', () => {
  const set = forAll(startMongoSet)

  const of = (require: MongoOptions['require'], more: MongoOptions = {}, ms?: number) =>
    checked(set().url, { require, ...more }, ms)

  test('is up by every requirement while all answer, and says who is who', async () => {
    for (const require of ['any', 'primary', 'majority', 3] as const)
      expect(await of(require), String(require)).not.toHaveProperty('reason')
    const { detail } = await of('majority')
    const [a, b, c] = set().members.map(({ address }) => address)
    expect(detail).toMatchObject({
      primary: a,
      members: { [a!]: 'primary', [b!]: 'secondary, 0 ms behind', [c!]: 'secondary, 0 ms behind' },
    })
  })

  test('of which one is frozen has a majority', async () => {
    await set().members[2]!.pause()
    try {
      expect(await of('majority', {}, 6_000)).not.toHaveProperty('reason')
      expect(await of('any', {}, 6_000)).not.toHaveProperty('reason')
      expect((await of(3, {}, 4_000)).reason).toBeTruthy()
    } finally {
      set().members[2]!.resume()
    }
  })

  test('says how far a member is behind', async () => {
    set().members[1]!.lagMs = 75_000
    try {
      expect((await of('any', { maxReplicationLag: '1m' })).reason).toBe(
        `${set().members[1]!.address} is 1m 15s behind the primary, expected 1m at most`,
      )
      expect(await of('any', { maxReplicationLag: '2m' })).not.toHaveProperty('reason')
    } finally {
      set().members[1]!.lagMs = 0
    }
  })

  test('without a primary takes no writes, but answers', async () => {
    set().members[0]!.state = 'secondary'
    try {
      expect((await of('primary')).reason).toMatch(/is a secondary/)
      expect(await of('majority')).not.toHaveProperty('reason')
      expect(await of('any')).not.toHaveProperty('reason')
    } finally {
      set().members[0]!.state = 'primary'
    }
  })

  test('of which one recovers counts the others', async () => {
    set().members[2]!.state = 'recovering'
    try {
      expect((await of(3)).reason).toMatch(
        /^2 of 3 members answer, 3 required; .*: it is neither primary nor secondary$/,
      )
      expect(await of('majority')).not.toHaveProperty('reason')
    } finally {
      set().members[2]!.state = 'secondary'
    }
  })

  test('of which two are gone has no majority, and names them', async () => {
    await Promise.all([set().members[1]!.kill(), set().members[2]!.kill()])
    const { reason } = await of('majority')
    expect(reason).toMatch(/^1 of 3 members answer, 2 required; /)
    for (const { address } of set().members.slice(1)) expect(reason).toContain(address)
    expect(await of('any')).not.toHaveProperty('reason')
    expect(await of('primary')).not.toHaveProperty('reason')
  })
})
