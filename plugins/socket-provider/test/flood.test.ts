import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { socketProvider } from '@uptimeserver/socket-provider'
import { memoryStorage } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { ask, Client, Discovering, Place } from './support/socket.js'

vi.setConfig({ testTimeout: 60_000 })

const entry = (index: number) => ({ type: 'heartbeat', name: `job-${index}`, deadline: '1h' })
const provider = (place: Place, options: object = {}) =>
  socketProvider({ path: place.socket, types: { http }, ...options })

/** Sends all at once, and gathers the replies. */
async function burst(path: string, requests: readonly object[]) {
  using client = await Client.open(path)
  client.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''))
  const replies: { ok: boolean; kept?: boolean }[] = []
  while (replies.length < requests.length) replies.push(await client.next())
  return replies
}

/** Another process, which sends each list over a connection of its own, all at once. */
async function flood(path: string, lists: readonly (readonly object[])[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support/burst.mjs'), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(lists))
  return JSON.parse(await text(child.stdout)) as { ok: number; refused: number }
}

const many = (count: number, request: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => request(index))

test('10,000 requests in a burst are all answered, and checks go on in between', async () => {
  using place = new Place()
  await using runner = createRunner({
    ...{ storage: memoryStorage(), every: '100ms', consolidators: [] },
    services: [{ kind: 'own', name: 'watched', check: async () => undefined }],
    providers: [provider(place)],
  })
  const checks: number[] = []
  runner.on('check', ({ service }) => service.name === 'watched' && checks.push(performance.now()))
  await runner.start()
  await expect.poll(() => existsSync(place.socket), { timeout: 5_000 }).toBe(true)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const began = performance.now()
  const puts = many(2_000, (index) => ({ op: 'put', services: { ...entry(index), every: '1h' } }))
  const others = many(
    7_000,
    (index) => [{ op: 'ping' }, { op: 'list', name: `job-${index}` }, {}][index % 3]!,
  )
  const pages = many(1_000, () => ({ op: 'list' }))
  const parts = many(7, (part) => others.slice(part * 1_000, (part + 1) * 1_000)) as object[][]
  const replies = await flood(place.socket, [puts, pages, ...parts])
  const ms = performance.now() - began
  delay.disable()
  expect(replies).toEqual({ ok: 10_000 - 2_333, refused: 2_333 })
  expect((await ask(place.socket, { op: 'ping' })).services).toBe(2_000)
  expect(delay.percentile(99) / 1e6).toBeLessThan(100)
  const during = checks.filter((at) => at > began && at < began + ms)
  const waits = during.map((at, index) => at - (during[index - 1] ?? began))
  expect(Math.max(...waits)).toBeLessThan(1_000)
  expect(during.length).toBeGreaterThan((ms / 100) * 0.7)
})

test('the replies come in the order of the requests', async () => {
  using place = new Place()
  await using _ = await Discovering.of(provider(place))
  const requests = Array.from({ length: 300 }, (_, index) => ({ op: 'put', services: entry(index) }))
  const ids = (await burst(place.socket, requests)).map(
    (reply) => (reply as unknown as { ids: string[] }).ids[0],
  )
  const listed = await burst(
    place.socket,
    ids.map((id) => ({ op: 'list', id })),
  )
  const names = listed.map(
    (reply) => (reply as unknown as { services: { name: string }[] }).services[0]!.name,
  )
  expect(names).toEqual(requests.map(({ services }) => services.name))
})

test('a line that is too long is refused with the limit, however it comes, and the client is sent away', async () => {
  using place = new Place()
  await using _ = await Discovering.of(provider(place))
  for (const line of ['x'.repeat(65_537), 'x'.repeat(20_000_000), `{"op":"ping"}\n${'{'.repeat(70_000)}\n`]) {
    using client = await Client.open(place.socket)
    client.write(line)
    if (line.includes('ping')) expect(await client.next()).toMatchObject({ ok: true })
    expect(await client.next()).toMatchObject({
      problems: [{ found: 'a line of more than 65536 bytes', expected: 'at most 65536' }],
    })
    expect(await client.next()).toBeUndefined()
  }
  const longest = JSON.stringify({ op: 'put', services: { ...entry(1), labels: { a: '' } } })
  using client = await Client.open(place.socket)
  client.write(
    `${longest.replace('""', JSON.stringify('y'.repeat(400)))}${' '.repeat(65_536 - longest.length - 400)}\n`,
  )
  expect(await client.next()).toMatchObject({ ok: true })
})

test('binary rubbish is answered line by line and harms nobody', async () => {
  using place = new Place()
  await using running = await Discovering.of(provider(place))
  const rubbish = Uint8Array.from({ length: 60_000 }, (_, index) => (index * 7_919 + (index >> 8)) % 256)
  const lines = rubbish.filter((byte) => byte === 10).length
  expect(lines).toBeGreaterThan(50)
  using client = await Client.open(place.socket)
  client.write(rubbish)
  client.write('\n')
  for (let line = 0; line <= lines; line++) expect(await client.next()).toMatchObject({ ok: false })
  expect(await client.ask({ op: 'ping' })).toMatchObject({ ok: true, services: 0 })
  expect(running.error).toBeUndefined()
})

test('of 200 connections 100 are served, the others are told why not; when some end, others are served', async () => {
  using place = new Place()
  await using _ = await Discovering.of(provider(place))
  const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(place.socket)))
  const replies = await Promise.all(
    clients.map((client) => client.ask({ op: 'ping' }).catch(() => undefined)),
  )
  const served = clients.filter((_, index) => replies[index]?.ok)
  expect(served).toHaveLength(100)
  const told = replies.filter((reply) => reply?.ok === false)
  expect(told).toHaveLength(100)
  expect(told[0].problems).toMatchObject([
    { found: 'more than 100 connections', expected: 'at most 100 at a time' },
  ])
  for (const client of served.slice(0, 50)) client[Symbol.dispose]()
  await expect.poll(() => ask(place.socket, { op: 'ping' })).toMatchObject({ ok: true })
  for (const client of clients) client[Symbol.dispose]()
})

test('half a line, byte after byte, or nothing at all: a client that takes too long is hung up on', async () => {
  using place = new Place()
  await using _ = await Discovering.of(provider(place, { limits: { idle: '1s' } }))
  using silent = await Client.open(place.socket)
  using half = await Client.open(place.socket)
  using dripping = await Client.open(place.socket)
  using busy = await Client.open(place.socket)
  half.write('{"op":"pi')
  const began = performance.now()
  const drip = setInterval(() => dripping.write(' '), 50)
  const ends = Promise.all(
    [silent, half, dripping].map(async (client) => {
      expect(await client.next()).toBeUndefined()
      return performance.now() - began
    }),
  )
  while (performance.now() - began < 2_000) {
    expect(await busy.ask({ op: 'ping' })).toMatchObject({ ok: true })
    await sleep(300)
  }
  clearInterval(drip)
  for (const ms of await ends) expect(Math.abs(ms - 1_000)).toBeLessThan(400)
})

test('a client that asks and never reads makes nothing pile up, and is hung up on', async () => {
  using place = new Place()
  await using _ = await Discovering.of(provider(place, { limits: { idle: '1s' } }))
  await burst(
    place.socket,
    Array.from({ length: 500 }, (_, index) => ({ op: 'put', services: entry(index) })),
  )
  using client = await Client.open(place.socket)
  client.socket.pause()
  const before = process.memoryUsage().rss
  client.write('{"op":"list"}\n'.repeat(20_000))
  const closed = new Promise((resolve) => client.socket.once('close', resolve))
  await sleep(500)
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  await sleep(1_000)
  client.socket.resume()
  await closed
  expect(await ask(place.socket, { op: 'ping' })).toMatchObject({ ok: true, services: 500 })
})

test('10,000 services are put in few requests and replaced at once, with a limit that lets them', async () => {
  using place = new Place()
  await using running = await Discovering.of(provider(place, { limits: { line: 4_000_000 } }))
  const services = Array.from({ length: 10_000 }, (_, index) => entry(index))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  expect(await ask(place.socket, { op: 'replace', services })).toMatchObject({ ok: true, added: 10_000 })
  await running.until((sets) => sets.at(-1)!.services.length === 10_000)
  const one = { ...entry(0), category: 'other' }
  expect(await ask(place.socket, { op: 'put', services: one })).toMatchObject({
    problems: [{ found: '10001 services' }],
  })
  expect(await ask(place.socket, { op: 'replace', services: [one] })).toMatchObject({ removed: 10_000 })
  delay.disable()
  expect(delay.max / 1e6).toBeLessThan(1_000)
  await running.untilNames('job-0')
})
