import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Project, type Running, sleep } from '../../../test/support/uptime.js'
import { parseAddress, showAddress } from '../src/health/address.js'

const SHOP = `{ kind: 'own', name: 'shop', async check() {} }`
const config = (head: string, members = '') =>
  new Project({
    'uptime.config.mjs': `
      import { sqliteStorage } from 'uptimeserver'
      const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      ${head}
      export default { every: '300ms', ${members} services: [${SHOP}] }`,
  })

/** Starts a monitor that answers probes, and tells where. */
async function probed(project: Project) {
  const monitor = project.run('--health', '0')
  const url = String((await monitor.until(({ event }) => event === 'health')).url)
  const asks = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return { code: response.status, text: await response.text(), headers: response.headers }
  }
  const says = async (path: string) => {
    const { code, text } = await asks(path)
    return { code, ...JSON.parse(text) }
  }
  return { monitor, url, address: url.replace('http://', ''), asks, says }
}

const up = (monitor: Running) => monitor.until(({ to }) => to === 'up')
const codes = async ({ says }: Awaited<ReturnType<typeof probed>>) =>
  [(await says('/live')).code, (await says('/ready')).code, (await says('/leading')).code] as const

describe('--health answers probes', () => {
  test('from before the start to the end: starting, running, stopping', async () => {
    using project = config(
      `await later(1_500)
      const storage = sqliteStorage()
      const close = storage.close.bind(storage)
      storage.close = async () => { await later(1_500); await close() }`,
      'storage,',
    )
    const probe = await probed(project)
    await using monitor = probe.monitor
    expect(await probe.says('/ready')).toEqual({
      ...{ code: 503, status: 'starting', standing: 'waiting', holder: null, since: null },
    })
    expect(await codes(probe)).toEqual([200, 503, 503])
    await up(monitor)
    expect(await codes(probe)).toEqual([200, 200, 200])
    monitor.signal('SIGTERM')
    await sleep(500)
    expect(await codes(probe)).toEqual([200, 503, 503])
    expect(await probe.says('/ready')).toMatchObject({ code: 503, status: 'stopping' })
    await monitor.until(({ event }) => event === 'stopped')
    await expect(fetch(probe.url)).rejects.toThrow()
  })

  test('one that stands by is ready, and does not lead', async () => {
    using project = config('')
    const [first, second] = [await probed(project), await probed(project)]
    await using leader = first.monitor
    await using standby = second.monitor
    const standing = ({ event }: { event: string }) => event === 'leadership'
    await Promise.all([leader.until(standing), standby.until(standing), up(leader).catch(() => up(standby))])
    const [one, other] = [await first.says('/ready'), await second.says('/ready')]
    expect([one.standing, other.standing].sort()).toEqual(['leading', 'standby'])
    expect(one.holder).toEqual(other.holder)
    const [leads, stands] = one.standing === 'leading' ? [first, second] : [second, first]
    expect(one.holder).toEqual({ host: expect.any(String), pid: leads.monitor.pid })
    expect(await codes(leads)).toEqual([200, 200, 200])
    expect(await codes(stands)).toEqual([200, 200, 503])
  })

  test('with nothing but where it stands, on three paths, to who reads', async () => {
    using project = config('')
    const { monitor: running, asks } = await probed(project)
    await using monitor = running
    await up(monitor)
    const { code, text, headers } = await asks('/leading')
    expect(code).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(Object.keys(JSON.parse(text))).toEqual(['status', 'standing', 'holder', 'since'])
    expect(Date.parse(JSON.parse(text).since)).toBeGreaterThan(Date.now() - 60_000)
    expect(await asks('/ready', { method: 'HEAD' })).toMatchObject({ code: 200, text: '' })
    expect((await asks('/ready?verbose')).code).toBe(200)
    for (const path of ['/', '/status', '/ready/', '/constructor', '/__proto__'])
      expect(await asks(path)).toMatchObject({ code: 404, text: '{"error":"not found"}\n' })
    const written = await asks('/ready', { method: 'POST', body: 'x'.repeat(100_000) })
    expect([written.code, written.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('a port that is taken starts nothing', async () => {
    using project = config('')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stdout, stderr } = await project.uptime('run', '--log', 'json', '--health', String(port))
    taken.close()
    const why = `127.0.0.1:${port} is in use already; name another port, or 0 for any that is free`
    expect([code, stdout, stderr]).toEqual([2, '', `error --health: ${why}\n`])
    expect(readdirSync(project.folder)).toEqual(['uptime.config.mjs'])
  })

  test('an address that is none, or not of this machine, starts nothing', async () => {
    using project = config('')
    const run = (address: string) => project.uptime('run', '--health', address)
    expect(await run('shop')).toMatchObject({
      code: 2,
      stderr:
        'error --health: found "shop", expected a port, for this machine alone, or HOST:PORT, such as 8463 or 0.0.0.0:8463\n',
    })
    expect(await run('192.0.2.1:8463')).toMatchObject({
      code: 2,
      stderr: 'error --health: 192.0.2.1:8463 is no address of this machine\n',
    })
  })

  test('that somebody may ask is no reason to wait for a start that never ends', async () => {
    using project = config('await new Promise(() => {})')
    const { code, stderr } = await project.uptime('run', '--log', 'json', '--health', '0')
    expect(stderr).toContain('it did not settle within 10s')
    expect(code).toBe(2)
  })
})

describe('uptime health', () => {
  test('exits with 0 when the monitor checks or stands by, and says which', async () => {
    using project = config('')
    const probe = await probed(project)
    await using monitor = probe.monitor
    await up(monitor)
    const { code, stdout } = await project.uptime('health', probe.address)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ready: leads since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d\n$/)
    expect((await project.uptime('health', probe.address.replace('127.0.0.1:', ''))).code).toBe(0)
  })

  test('exits with 1 while it starts', async () => {
    using project = config('await later(5_000)')
    const probe = await probed(project)
    await using _ = probe.monitor
    const { code, stdout } = await project.uptime('health', probe.address)
    expect([code, stdout]).toEqual([1, 'not ready: starting\n'])
  })

  test('exits with 1 when nobody answers, or not in time, or somebody else', async () => {
    using project = new Project()
    const silent = createServer().listen(0, '127.0.0.1')
    const other = createHttpServer((_, response) => response.end('{"status":"green"}')).listen(0, '127.0.0.1')
    await Promise.all([once(silent, 'listening'), once(other, 'listening')])
    const portOf = (server: typeof silent) => String((server.address() as AddressInfo).port)
    const ask = async (port: string) => (await project.uptime('health', port)).stdout
    expect(await ask(portOf(silent))).toMatch(/gives no answer: not within 5s\n$/)
    expect(await ask(portOf(other))).toMatch(/gives no answer: something else listens there\n$/)
    const free = portOf(silent)
    for (const server of [silent, other]) server.close()
    expect(await project.uptime('health', free)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('exits with 2 for an address that is none', async () => {
    using project = new Project()
    expect((await project.uptime('health', ':8463')).code).toBe(2)
  })
})

test('a port alone is for this machine; whoever wants more names a host', () => {
  for (const [text, host, port] of [
    ['8463', '127.0.0.1', 8463],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8463', '::1', 8463],
    ['web-1.local:65535', 'web-1.local', 65_535],
  ] as const) {
    expect(parseAddress('it', text)).toEqual({ host, port })
    if (text.includes(':')) expect(showAddress({ host, port })).toBe(text)
  }
  for (const text of ['', ':80', '::1:80', 'host', 'host:', '65536', '-1', '1e3', 'http://a:80', 'a b:80'])
    expect(() => parseAddress('it', text), text).toThrow(/^it: found /)
})
