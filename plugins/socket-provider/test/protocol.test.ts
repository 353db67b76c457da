import { type Service, secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { socketProvider } from '@uptimeserver/socket-provider'
import { describe, expect, test } from 'vitest'
import { ask, Client, Discovering, Place, type Reply } from './support/socket.js'

const shop = { type: 'http', url: 'https://shop.example.com/health', name: 'shop', category: 'web' }
const blog = { type: 'http', url: 'https://blog.example.com/', name: 'blog' }
const job = { type: 'heartbeat', name: 'backup', deadline: '5m', category: 'jobs' }

/** A provider that runs, and a client of it. */
async function open(options: object = {}) {
  const place = new Place()
  const running = await Discovering.of(socketProvider({ path: place.socket, types: { http }, ...options }))
  const client = await Client.open(place.socket)
  return {
    ...{ place, running, client, ask: (request: object): Promise<Reply> => client.ask(request) },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]()
      await running.stop()
      place[Symbol.dispose]()
    },
  }
}

const names = async (it: { ask(request: object): Promise<Reply> }, request: object = {}) =>
  (await it.ask({ op: 'list', ...request })).services.map(({ name }: { name: string }) => name).sort()

describe('put, remove, replace and list', () => {
  test('one or several entries come into the set; the same id takes the place of the one before', async () => {
    await using it = await open()
    const first = await it.ask({ op: 'put', services: [shop, job] })
    expect(first).toMatchObject({ version: 1, ok: true, added: 2, changed: 0, same: 0, removed: 0 })
    expect(first.ids).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), expect.any(String)])
    await it.running.untilNames('backup', 'shop')
    const again = await it.ask({ op: 'put', services: [{ ...shop, every: '5s' }, job] })
    expect(again).toMatchObject({ ok: true, added: 0, changed: 1, same: 1 })
    await it.running.until((sets) => sets.at(-1)!.services.some(({ timing }) => timing?.every === '5s'))
    expect(await it.ask({ op: 'put', services: blog })).toMatchObject({ added: 1 })
    await it.running.untilNames('backup', 'blog', 'shop')
  })

  test('a service that stays the same is the same object in every set', async () => {
    await using it = await open()
    await it.ask({ op: 'put', services: [shop] })
    await it.running.untilNames('shop')
    const [before] = it.running.sets.at(-1)!.services
    await it.ask({ op: 'put', services: [shop, blog] })
    await it.running.untilNames('blog', 'shop')
    expect(it.running.sets.at(-1)!.services).toContain(before)
  })

  test('changes that come together make one set', async () => {
    await using it = await open()
    const entries = Array.from({ length: 100 }, (_, index) => ({ ...blog, name: `blog-${index}` }))
    await Promise.all(entries.map((entry) => it.ask({ op: 'put', services: entry })))
    await it.running.until((sets) => sets.at(-1)!.services.length === 100)
    expect(it.running.sets.length).toBeLessThan(12)
  })

  test('what is removed is told by id, or by name, kind and category, which must all fit', async () => {
    await using it = await open()
    const { ids } = await it.ask({ op: 'put', services: [shop, blog, { ...blog, name: 'news' }, job] })
    expect(await it.ask({ op: 'remove', name: 'shop', category: 'jobs' })).toMatchObject({ ok: false })
    expect(await it.ask({ op: 'remove', id: ids[0] })).toMatchObject({ ok: true, removed: 1 })
    expect(await names(it)).toEqual(['backup', 'blog', 'news'])
    expect(await it.ask({ op: 'remove', kind: 'http' })).toMatchObject({ ok: true, removed: 2 })
    expect(await names(it)).toEqual(['backup'])
    await it.running.untilNames('backup')
    expect(await it.ask({ op: 'remove', name: 'blog' })).toEqual({
      ...{ version: 1, ok: false },
      problems: [
        {
          path: '',
          found: 'no service with the name "blog"',
          expected: 'one of the owner "default"',
        },
      ],
    })
    expect(await it.ask({ op: 'remove' })).toMatchObject({
      problems: [{ expected: 'an id, a name, a kind or a category' }],
    })
  })

  test('each owner has a set of its own, which no other one touches', async () => {
    await using it = await open()
    await it.ask({ op: 'replace', owner: 'deploy', services: [shop, blog] })
    await it.ask({ op: 'replace', owner: 'cron', services: [job] })
    await it.running.untilNames('backup', 'blog', 'shop')
    expect(await it.ask({ op: 'replace', owner: 'deploy', services: [shop] })).toMatchObject({
      ...{ ok: true, added: 0, same: 1, removed: 1 },
    })
    await it.running.untilNames('backup', 'shop')
    expect(await names(it, { owner: 'cron' })).toEqual(['backup'])
    const clash = await it.ask({ op: 'put', owner: 'cron', services: [blog, shop] })
    expect(clash.problems).toMatchObject([
      { path: 'services[1]', found: 'http "shop", which the owner "deploy" has' },
    ])
    expect(await it.ask({ op: 'remove', owner: 'cron', name: 'shop' })).toMatchObject({
      ...{ ok: false, problems: [{ hint: '"deploy" has it: speak as that owner' }] },
    })
    expect(await it.ask({ op: 'remove', owner: 'cron', name: 'bakcup' })).toMatchObject({
      ...{ ok: false, problems: [{ hint: 'did you mean "backup"?' }] },
    })
    expect(await it.ask({ op: 'replace', owner: 'cron', services: [] })).toMatchObject({ removed: 1 })
    await it.running.untilNames('shop')
  })

  test('a long list comes in pages that are no longer than a request may be', async () => {
    await using it = await open({ limits: { line: 2_048 } })
    const all = Array.from({ length: 60 }, (_, index) => `s${index}`)
    for (const name of all) await it.ask({ op: 'put', services: { ...blog, name } })
    const found: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await it.ask({ op: 'list', after })
      expect(JSON.stringify(page).length).toBeLessThan(2_500)
      found.push(...page.services.map(({ name }: { name: string }) => name))
      if (page.next === null) break
      after = page.next
    }
    expect(found.sort()).toEqual(all.sort())
  })
})

describe('what is wrong', () => {
  test('an entry is told with its place, what stands there and what should; nothing of the request is done', async () => {
    await using it = await open()
    const bad = { ...shop, name: 'bad', expect: { latency: '2 seconds' }, sevice: 1 }
    const { ok, problems } = await it.ask({ op: 'put', services: [blog, bad, { type: 'htp' }, 7] })
    expect(ok).toBe(false)
    expect(problems).toEqual([
      expect.objectContaining({ path: 'services[1].expect.latency', found: '"2 seconds"' }),
      expect.objectContaining({ path: 'services[1].sevice', found: 'an unknown option' }),
      {
        ...{ path: 'services[2].type', found: '"htp"', expected: 'one of http, heartbeat' },
        hint: 'did you mean http?',
      },
      expect.objectContaining({ path: 'services[3]', found: '7 (number)' }),
    ])
    expect(await names(it)).toEqual([])
  })

  test('a replacement that is wrong leaves the set as it was', async () => {
    await using it = await open()
    await it.ask({ op: 'put', services: [shop, blog] })
    expect(await it.ask({ op: 'replace', services: [job, { ...job, deadline: 'soon' }] })).toMatchObject({
      problems: [{ path: 'services[1].deadline', found: '"soon"' }],
    })
    expect(await it.ask({ op: 'replace', services: [job, job] })).toMatchObject({
      problems: [{ path: 'services[1]', found: 'heartbeat "backup" again, as services[0]' }],
    })
    expect(await names(it)).toEqual(['blog', 'shop'])
  })

  test('requests that are none are told, and the next one is answered', async () => {
    await using it = await open()
    const wrongs = [
      '',
      'hello',
      '[1]',
      'null',
      '{"op":"put"',
      '{"op":"drop"}',
      '{}',
      '"\xff"',
      '{"op":"put"}',
    ]
    for (const line of wrongs) {
      it.client.write(`${line}\n`)
      expect(await it.client.next(), line).toMatchObject({ version: 1, ok: false })
    }
    const { problems } = await it.ask({ op: 'report', name: 'x', status: 'ok', at: 'noon', why: 1 })
    expect(problems.map(({ path }: { path: string }) => path)).toEqual(['status', 'at', 'why'])
    expect(await it.ask({ op: 'ping' })).toMatchObject({ ok: true, pid: process.pid })
  })

  test('more services than may be are refused as a whole', async () => {
    await using it = await open({ limits: { services: 2 } })
    expect(await it.ask({ op: 'put', services: [shop, blog, job] })).toMatchObject({
      problems: [{ path: 'services', found: '3 services', expected: 'at most 2 of all owners' }],
    })
    expect(await it.ask({ op: 'put', services: [shop, blog] })).toMatchObject({ ok: true })
    expect(await it.ask({ op: 'put', services: [shop, blog] })).toMatchObject({ ok: true, same: 2 })
    expect(await it.ask({ op: 'put', services: job })).toMatchObject({ ok: false })
    expect(await it.ask({ op: 'replace', services: [job, shop] })).toMatchObject({ ok: true, removed: 1 })
  })

  test('of very many problems the first are told, and how many more there are', async () => {
    await using it = await open()
    const services = Array.from({ length: 100 }, () => ({ type: 'x' }))
    const { problems, more } = await it.ask({ op: 'put', services })
    expect([problems.length, more]).toEqual([20, 80])
  })
})

describe('secrets', () => {
  const withKey = { ...shop, headers: { apikey: { secret: 'key' } } }

  test('only those that the config lends, by name; no reply shows one', async () => {
    await using it = await open({ secrets: { key: secret('s3cr3t') } })
    expect(await it.ask({ op: 'put', services: withKey })).toMatchObject({ ok: true })
    expect(JSON.stringify(await it.ask({ op: 'list' }))).not.toContain('s3cr3t')
    const other = { ...shop, headers: { apikey: { secret: 'HOME' } } }
    expect(await it.ask({ op: 'put', services: other })).toMatchObject({
      problems: [{ path: 'services[0].headers.apikey', found: 'the secret "HOME"', expected: 'one of key' }],
    })
  })

  test('none where none is lent', async () => {
    await using it = await open()
    expect(await it.ask({ op: 'put', services: withKey })).toMatchObject({
      problems: [{ expected: 'no secret: the config lends none' }],
    })
  })
})

test('without types, heartbeats can be put, and nothing else', async () => {
  await using it = await open({ types: undefined })
  expect(await it.ask({ op: 'put', services: shop })).toMatchObject({
    problems: [{ path: 'services[0].type', expected: 'one of heartbeat' }],
  })
  expect(await it.ask({ op: 'put', services: job })).toMatchObject({ ok: true })
  await it.running.untilNames('backup')
  const [service] = it.running.sets.at(-1)!.services as [Service]
  expect(service).toMatchObject({ kind: 'heartbeat', name: 'backup', category: 'jobs' })
})

test('a request that was sent is answered also when the client has said its last word', async () => {
  await using it = await open()
  using client = await Client.open(it.place.socket)
  client.socket.end('{"op":"ping"}\n{"op":"list"}\n{"op":"pi')
  expect(await client.next()).toMatchObject({ ok: true, services: 0 })
  expect(await client.next()).toMatchObject({ ok: true, next: null })
  expect(await client.next()).toMatchObject({ problems: [{ found: 'a line without its end' }] })
  expect(await client.next()).toBeUndefined()
  expect(await ask(it.place.socket, { op: 'ping' })).toMatchObject({ ok: true })
})
