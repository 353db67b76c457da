import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { http } from '@uptimeserver/http'
import { socketProvider } from '@uptimeserver/socket-provider'
import { FakeClock } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { ask, Client, Discovering, Place } from './support/socket.js'

vi.setConfig({ testTimeout: 20_000 })

const shop = { type: 'http', url: 'https://shop.example.com/health', name: 'shop' }
const job = { type: 'heartbeat', name: 'backup', deadline: '5m' }
const provider = (place: Place, options: object = {}) =>
  socketProvider({ path: place.socket, types: { http }, ...options })
const list = async (place: Place) => (await ask(place.socket, { op: 'list' })).services
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** A process that listens at a path as a provider does, and can be killed. */
async function elsewhere(place: Place) {
  const code = `
    const { socketProvider } = await import('@uptimeserver/socket-provider')
    const { http } = await import('@uptimeserver/http')
    const { quietContext } = await import('@uptimeserver/testing')
    const provider = socketProvider({ path: ${JSON.stringify(place.socket)}, types: { http } })
    for await (const { services } of provider.discover(quietContext())) console.log(services.length)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('the set outlives', () => {
  test('a restart, with its owners and the last reports', async () => {
    using place = new Place()
    const first = await Discovering.of(provider(place))
    await ask(place.socket, { op: 'put', owner: 'cron', services: [job] })
    await ask(place.socket, { op: 'put', services: [shop] })
    await ask(place.socket, { op: 'report', name: 'backup', status: 'down', reason: 'no space' })
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up', at: Date.now() })
    const before = await list(place)
    await first.stop()
    expect(existsSync(place.socket)).toBe(false)
    await using second = await Discovering.of(provider(place))
    expect(second.names).toEqual(['backup', 'shop'])
    expect(await list(place)).toEqual(before)
    expect(before).toHaveLength(2)
  })

  test('kill -9 at once after the reply, and the dead process’s socket is taken over', async () => {
    using place = new Place()
    const other = await elsewhere(place)
    await ask(place.socket, { op: 'put', services: [shop, job] })
    await ask(place.socket, { op: 'report', name: 'backup', status: 'down', reason: 'no space' })
    await other.kill()
    expect(existsSync(place.socket)).toBe(true)
    await using running = await Discovering.of(provider(place))
    expect(running.names).toEqual(['backup', 'shop'])
    const [report] = (await list(place)).flatMap(({ report }: { report?: object }) => report ?? [])
    expect(report).toMatchObject({ status: 'down', reason: 'no space' })
  })

  test('a config that lends less: what cannot be made is told, kept, and there again with the next one', async () => {
    using place = new Place()
    const first = await Discovering.of(provider(place))
    await ask(place.socket, { op: 'put', services: [shop, job] })
    await first.stop()
    const second = await Discovering.of(provider(place, { types: undefined }))
    expect(second.names).toEqual(['backup'])
    expect(second.sets[0]!.skipped).toEqual([
      { what: 'http "shop" of default', reason: 'type: found "http", expected one of heartbeat' },
    ])
    expect(await list(place)).toContainEqual(
      expect.objectContaining({ name: 'shop', problems: [expect.anything()] }),
    )
    await ask(place.socket, { op: 'put', services: { ...job, name: 'other' } })
    await second.stop()
    await using third = await Discovering.of(provider(place))
    expect(third.names).toEqual(['backup', 'other', 'shop'])
  })

  test('a state file of its own, in a folder of its own', async () => {
    using place = new Place()
    const state = join(place.folder, 'state/of/it.ndjson')
    const first = await Discovering.of(provider(place, { state }))
    await ask(place.socket, { op: 'put', services: [shop] })
    await first.stop()
    rmSync(dirname(place.socket), { recursive: true })
    await using second = await Discovering.of(provider(place, { state }))
    expect(second.names).toEqual(['shop'])
    expect([modeOf(state), modeOf(dirname(state))]).toEqual(['600', '700'])
  })
})

test('silence is written every ten seconds or so: a crash does not begin a deadline anew', async () => {
  using place = new Place()
  const clock = new FakeClock(Date.now())
  await using _ = await Discovering.of(provider(place), { clock })
  await ask(place.socket, { op: 'put', services: [job] })
  const silence = () => /"silence":(\d+)/.exec(readFileSync(place.state, 'utf8'))?.[1]
  expect(silence()).toBe('0')
  await clock.advance(10_000)
  await expect.poll(silence).toBe('10000')
  await clock.advance(10_000)
  await expect.poll(silence).toBe('20000')
})

describe('a state file that is damaged', () => {
  const damages: [string, (text: string) => string, string[], string][] = [
    ['is rubbish', () => '\0\x01\xff', [], '0 of its 0'],
    ['is of something else', (text) => text.replace('socket-provider', 'other'), [], '0 of its 2'],
    [
      'has a line that is none',
      (text) => text.replace('"kind":"http"', '"kind":7'),
      ['backup'],
      '1 of its 2',
    ],
    ['is cut off', (text) => text.slice(0, -20), ['backup'], '1 of its 2'],
    ['is empty', () => '', [], '0 of its 0'],
  ]
  for (const [what, damage, left, counts] of damages) {
    test(`${what}: it is put aside and told; what can be read is there`, async () => {
      using place = new Place()
      const first = await Discovering.of(provider(place))
      await ask(place.socket, { op: 'put', services: [job, shop] })
      await first.stop()
      const broken = damage(readFileSync(place.state, 'utf8'))
      writeFileSync(place.state, broken)
      const second = await Discovering.of(provider(place))
      expect(second.names).toEqual(left)
      const [{ what: path, reason }] = second.sets[0]!.skipped as [{ what: string; reason: string }]
      expect(path).toBe(place.state)
      const aside = readdirSync(dirname(place.state)).find((name) => name.includes('damaged'))!
      expect(reason).toContain(`is kept as ${join(dirname(place.state), aside)}; ${counts} services`)
      expect(readFileSync(join(dirname(place.state), aside), 'utf8')).toBe(broken)
      await second.stop()
      await using third = await Discovering.of(provider(place))
      expect([third.names, third.sets[0]!.skipped]).toEqual([left, []])
    })
  }

  test('that cannot be read at all is an error', async () => {
    using place = new Place()
    mkdirSync(place.state, { recursive: true })
    chmodSync(dirname(place.state), 0o700)
    await expect(Discovering.of(provider(place))).rejects.toThrow(
      /uptime\.sock\.state cannot be read: EISDIR/,
    )
    expect(existsSync(place.socket)).toBe(false)
  })
})

test('a disk that takes nothing is told with each reply and by the provider, and made up for', async () => {
  using place = new Place()
  await using running = await Discovering.of(provider(place))
  mkdirSync(`${place.state}.next/x`, { recursive: true })
  const reply = await ask(place.socket, { op: 'put', services: [shop] })
  expect(reply).toMatchObject({ ok: true, added: 1, kept: false, why: expect.stringContaining('EISDIR') })
  await running.until((sets) => sets.at(-1)!.skipped!.length > 0)
  expect(running.sets.at(-1)!.skipped![0]!.reason).toMatch(/^it cannot be written, .*EISDIR/)
  rmSync(`${place.state}.next`, { recursive: true })
  await running.until((sets) => sets.at(-1)!.skipped!.length === 0)
  expect(readFileSync(place.state, 'utf8')).toContain('shop.example.com')
})

test('relative paths stand for the config’s folder; one that is too long from the root on is told', async () => {
  using place = new Place()
  const relative = socketProvider({ path: 'run/uptime.sock', state: 'kept.json', types: { http } })
  await using _ = await Discovering.of(relative, { folder: place.folder })
  await ask(place.socket, { op: 'put', services: [shop] })
  expect(existsSync(join(place.folder, 'kept.json'))).toBe(true)
  const deep = socketProvider({ path: `${'x'.repeat(90)}/s` })
  await expect(Discovering.of(deep, { folder: place.folder })).rejects.toThrow(
    /x\/s has 1\d\d bytes, expected at most 98: name a shorter path/,
  )
})

describe('who may', () => {
  test('the socket and the state are 0600, in a folder of 0700', async () => {
    using place = new Place()
    await using _ = await Discovering.of(provider(place))
    await ask(place.socket, { op: 'put', services: [shop] })
    expect([place.socket, place.state, dirname(place.socket)].map(modeOf)).toEqual(['600', '600', '700'])
    expect(readdirSync(dirname(place.socket)).sort()).toEqual(['uptime.sock', 'uptime.sock.state'])
  })

  test('a folder that others may look into is refused, with the mend', async () => {
    for (const mode of [0o755, 0o770, 0o701, 0o777]) {
      using place = new Place()
      mkdirSync(dirname(place.socket))
      chmodSync(dirname(place.socket), mode)
      await expect(Discovering.of(provider(place))).rejects.toThrow(
        `the folder ${dirname(place.socket)} has the mode ${mode.toString(8)}, expected 700; run chmod 700 ${dirname(place.socket)}`,
      )
      expect(readdirSync(dirname(place.socket))).toEqual([])
    }
  })

  test('a folder of the state that others may write to is refused', async () => {
    using place = new Place()
    const folder = join(place.folder, 'open')
    mkdirSync(folder)
    chmodSync(folder, 0o775)
    await expect(Discovering.of(provider(place, { state: join(folder, 'it') }))).rejects.toThrow(
      `the folder ${folder} has the mode 775, expected one that only its owner writes to; run chmod go-w ${folder}`,
    )
    chmodSync(folder, 0o755)
    await (await Discovering.of(provider(place, { state: join(folder, 'it') }))).stop()
  })

  test.runIf(process.getuid?.() === 0)('a folder of somebody else is refused', async () => {
    using place = new Place()
    mkdirSync(dirname(place.socket), { mode: 0o700 })
    chownSync(dirname(place.socket), 12_345, 12_345)
    await expect(Discovering.of(provider(place))).rejects.toThrow(/belongs to the user 12345, expected 0/)
  })
})

describe('two on one path', () => {
  test('the second stands by with what the first was told, and touches neither socket nor state', async () => {
    using place = new Place()
    const other = await elsewhere(place)
    await ask(place.socket, { op: 'put', services: [shop] })
    const state = readFileSync(place.state, 'utf8')
    await using second = await Discovering.of(provider(place))
    expect(second.names).toEqual(['shop'])
    const reason = `process ${other.pid} listens there; this one takes over when that ends`
    expect(second.sets[0]!.skipped).toEqual([{ what: place.socket, reason, harmless: true }])
    expect(await ask(place.socket, { op: 'ping' })).toMatchObject({ pid: other.pid })
    expect(readFileSync(place.state, 'utf8')).toBe(state)
    expect(readdirSync(dirname(place.state)).sort()).toEqual(['uptime.sock', 'uptime.sock.state'])
    await other.kill()
  })

  test('one that stands by follows the first, and takes over within seconds with the very same services', async () => {
    using place = new Place()
    const other = await elsewhere(place)
    await ask(place.socket, { op: 'put', services: [shop] })
    await using second = await Discovering.of(provider(place))
    await ask(place.socket, { op: 'put', services: [job] })
    await second.untilNames('backup', 'shop')
    const { services } = second.sets.at(-1)!
    expect(services[0]).toBe(second.sets[0]!.services[0])
    await ask(place.socket, { op: 'remove', name: 'shop' })
    await second.untilNames('backup')
    await other.kill()
    await second.until((sets) => sets.at(-1)!.skipped!.length === 0)
    expect(second.sets.every((set) => set.services.length > 0)).toBe(true)
    expect(second.sets.at(-1)!.services).toEqual([services[1]])
    expect(second.sets.at(-1)!.services[0]).toBe(services[1])
    expect(await ask(place.socket, { op: 'ping' })).toMatchObject({ pid: process.pid })
  })

  test('one that stands by ends with its signal', async () => {
    using place = new Place()
    const other = await elsewhere(place)
    const second = await Discovering.of(provider(place))
    await second.stop()
    expect(second.error).toBeUndefined()
    expect(await ask(place.socket, { op: 'ping' })).toMatchObject({ pid: other.pid })
    await other.kill()
  })

  test('within one process, too', async () => {
    using place = new Place()
    await using _ = await Discovering.of(provider(place))
    await expect(Discovering.of(provider(place))).rejects.toThrow('is held by this very process')
  })

  test('something else that listens there is told, and so is a file that is no socket', async () => {
    using place = new Place()
    mkdirSync(dirname(place.socket), { mode: 0o700 })
    const server = createServer((socket) => socket.resume().end('220 mail\r\n')).listen(place.socket)
    await once(server, 'listening')
    await expect(Discovering.of(provider(place))).rejects.toThrow(
      'is held by a process that speaks otherwise',
    )
    server.close()
    await once(server, 'close')
    const mute = createServer((socket) => socket.resume()).listen(place.socket)
    await once(mute, 'listening')
    await expect(Discovering.of(provider(place))).rejects.toThrow('a process that does not say which it is')
    mute.close()
    await once(mute, 'close')
    writeFileSync(place.socket, 'mine')
    await expect(Discovering.of(provider(place))).rejects.toThrow(`${place.socket} is there and no socket`)
    expect(readFileSync(place.socket, 'utf8')).toBe('mine')
  })

  test('a socket that is taken away is missed within two seconds, and what came to stand there stays', async () => {
    using place = new Place()
    const running = await Discovering.of(provider(place))
    rmSync(place.socket)
    writeFileSync(place.socket, 'mine')
    await running.until(() => false).catch(() => undefined)
    expect(String(running.error)).toContain(`somebody took away ${place.socket}`)
    expect(readFileSync(place.socket, 'utf8')).toBe('mine')
  })
})

test('an end hangs up on everybody and takes the socket away', async () => {
  using place = new Place()
  const running = await Discovering.of(provider(place))
  using client = await Client.open(place.socket)
  expect(await client.ask({ op: 'ping' })).toMatchObject({ ok: true })
  await running.stop()
  expect(await client.next()).toBeUndefined()
  expect(existsSync(place.socket)).toBe(false)
  expect(running.error).toBeUndefined()
})
