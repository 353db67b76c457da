import { join } from 'node:path'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { Shop } from '../support/shop.js'
import { Project, sleep } from '../support/uptime.js'

const configFor = (url: string) => `
  import { defineConfig, http } from 'uptimeserver'
  export default defineConfig({
    every: '300ms', retryEvery: '100ms', timeout: '2s',
    services: [http('${url}', { name: 'shop', category: 'web' })],
  })`

/** What the record says, read beside the monitor. */
async function runsIn(project: Project) {
  const storage = sqliteStorage({ path: join(project.folder, 'uptime.db') })
  await storage.open(quietContext(), { monitor: 'default', readOnly: true })
  const runs = []
  for await (const run of storage.runs()) runs.push(run)
  await storage.close()
  return runs
}

test('a real server is killed and started again: one downtime, from the first failed check to the first good one', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url) })
  await using monitor = project.run('--verbose')
  await monitor.until(({ event, to }) => event === 'transition' && to === 'up')

  await shop.kill()
  await monitor.until(({ event, to }) => event === 'transition' && to === 'down')
  const open = (await project.uptime('downtimes', '--json')).json()
  expect(open).toMatchObject([
    { name: 'shop', end: null, reason: `connect ECONNREFUSED ${new URL(shop.url).host}` },
  ])
  expect((await project.uptime('status', '--json')).json()).toMatchObject([
    { name: 'shop', status: 'down', since: open[0]!.start },
  ])

  await shop.start()
  await monitor.until(({ event, from, to }) => event === 'transition' && from === 'down' && to === 'up')
  expect(await monitor.end('SIGINT')).toEqual({ code: 0, signal: null })

  const downtimes = (await project.uptime('downtimes', '--json')).json()
  const checks = monitor.said('check')
  const firstFailed = checks.findIndex(({ ok }) => !ok)
  const firstGood = checks.findIndex(({ ok }, index) => index > firstFailed && ok)
  expect(downtimes).toEqual([
    {
      id: open[0]!.id,
      service: monitor.said('check')[0]!.id,
      name: 'shop',
      start: checks[firstFailed]!.at,
      end: checks[firstGood]!.at,
      durationMs: Date.parse(String(checks[firstGood]!.at)) - Date.parse(String(checks[firstFailed]!.at)),
      observedMs: expect.any(Number),
      reason: open[0]!.reason,
      excluded: false,
      correction: null,
    },
  ])
  const { observedMs, durationMs } = downtimes[0] as { observedMs: number; durationMs: number }
  expect(observedMs).toBe(durationMs)
})

test('status: live while a monitor runs, unknown when none does', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url) })
  const monitor = project.run()
  await monitor.until(({ event, to }) => event === 'transition' && to === 'up')
  await sleep(1_500)
  const [live] = (await project.uptime('status', '--json')).json()
  expect(live).toEqual({
    id: expect.any(String),
    kind: 'http',
    name: 'shop',
    category: 'web',
    labels: {},
    status: 'up',
    since: expect.stringMatching(/Z$/),
    lastCheck: expect.stringMatching(/Z$/),
    latencyMs: expect.any(Number),
    message: null,
    maintenance: null,
  })
  expect(Date.now() - Date.parse(String(live!.lastCheck))).toBeLessThan(3_000)
  await monitor.end('SIGTERM')
  expect((await project.uptime('status', '--json')).json()).toEqual([
    { ...live, status: 'unknown', since: null, lastCheck: null, latencyMs: null, message: null },
  ])
})

test('the time between a kill and a restart is covered by no run', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url) })
  const first = project.run()
  await first.until(({ event, to }) => event === 'transition' && to === 'up')
  await sleep(500)
  await first.end('SIGKILL')
  const killedAt = Date.now()
  await sleep(1_500)
  const startedAt = Date.now()
  const second = project.run()
  await second.until(({ event, to }) => event === 'transition' && to === 'up')
  await second.end()
  const [before, after, ...more] = await runsIn(project)
  expect(more).toEqual([])
  expect(before!.end).toBeLessThanOrEqual(killedAt)
  expect(after!.start).toBeGreaterThanOrEqual(startedAt)
})

test('a process that is stopped for long and goes on begins a new run', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url) })
  await using monitor = project.run()
  await monitor.until(({ event, to }) => event === 'transition' && to === 'up')
  monitor.signal('SIGSTOP')
  await sleep(11_000)
  const stoppedUntil = Date.now()
  monitor.signal('SIGCONT')
  await monitor.until(({ event, reason }) => event === 'run' && reason !== 'started')
  await monitor.end()
  const [before, after] = await runsIn(project)
  expect(after!.start).toBeGreaterThanOrEqual(stoppedUntil - 10)
  expect(after!.start - before!.end).toBeGreaterThan(10_000)
  expect((await project.uptime('downtimes', '--json')).json()).toEqual([])
})

test('a plugin that throws outside of its check does not take the monitor down', async () => {
  await using shop = await Shop.open()
  using project = new Project({
    'uptime.config.ts': `
      import { defineConfig, http } from 'uptimeserver'
      let calls = 0
      const wild = { kind: 'wild', name: 'wild', async check() {
        if (calls++ === 0) setTimeout(() => { throw new Error('stray exception') })
        if (calls === 2) void Promise.reject(new Error('stray rejection'))
      } }
      export default defineConfig({ every: '200ms', services: [wild, http('${shop.url}', { name: 'shop' })] })`,
  })
  await using monitor = project.run('--verbose')
  await monitor.until(({ event, message }) => event === 'incident' && /stray exception/.test(String(message)))
  await monitor.until(({ event, message }) => event === 'incident' && /stray rejection/.test(String(message)))
  const so = monitor.lines.length
  await monitor.until(
    (line) => monitor.lines.indexOf(line) > so && line.event === 'check' && line.name === 'shop',
  )
  expect(await monitor.end()).toEqual({ code: 0, signal: null })
})

test('a plugin that blocks the loop is named, and the gap recorded for everybody', async () => {
  await using shop = await Shop.open()
  using project = new Project({
    'uptime.config.ts': `
      import { defineConfig, http } from 'uptimeserver'
      let calls = 0
      const hog = { kind: 'hog', name: 'bcrypt', async check() {
        if (calls++ !== 3) return
        const end = Date.now() + 2_000
        while (Date.now() < end);
      } }
      export default defineConfig({ every: '200ms', services: [hog, http('${shop.url}', { name: 'shop' })] })`,
  })
  await using monitor = project.run()
  const blocked = await monitor.until(({ event }) => event === 'blocked')
  expect(blocked).toMatchObject({ suspects: ['hog "bcrypt"'], certain: true })
  expect(blocked.ms).toBeGreaterThan(1_500)
  const gap = await monitor.until(({ event, name }) => event === 'gap' && name === 'shop')
  expect(Date.parse(String(gap.end)) - Date.parse(String(gap.start))).toBeGreaterThan(1_000)
  await monitor.end()
  expect(monitor.said('transition').filter(({ to }) => to === 'down')).toEqual([])
})

test('no warning of Node reaches the user', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url) })
  const monitor = project.run()
  await monitor.until(({ event, to }) => event === 'transition' && to === 'up')
  await monitor.end()
  expect(monitor.stderr).toBe('')
  for (const command of ['status', 'downtimes', 'check', 'validate'])
    expect((await project.uptime(command)).stderr).toBe('')
})
