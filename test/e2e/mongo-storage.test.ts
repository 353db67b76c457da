import { expect, test, vi } from 'vitest'
import { forAll } from '../servers/for-all.js'
import { startMongo } from '../servers/mongo.js'
import { Shop } from '../support/shop.js'
import { Project, sleep } from '../support/uptime.js'

vi.setConfig({ testTimeout: 120_000 })

const server = forAll(startMongo)

const configFor = (url: string, db: string) => `
  import { mongoStorage } from '@uptimeserver/mongo-storage'
  import { defineConfig, http } from 'uptimeserver'
  export default defineConfig({
    every: '300ms', retryEvery: '100ms', timeout: '2s',
    storage: mongoStorage({ uri: '${server().url}', db: '${db}' }),
    services: [http('${url}', { name: 'shop', category: 'web' })],
  })`

test('an outage, the monitor killed in the middle of it and started again: one downtime in MongoDB', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url, 'outage') })
  project.usePackages()
  {
    await using monitor = project.run('--verbose')
    await monitor.until(({ event, to }) => event === 'transition' && to === 'up')
    await shop.kill()
    await monitor.until(({ event, to, stored }) => event === 'transition' && to === 'down' && stored === true)
    await monitor.end('SIGKILL')
  }
  const open = (await project.uptime('downtimes', '--json')).json()
  expect(open).toMatchObject([
    { name: 'shop', end: null, reason: `connect ECONNREFUSED ${new URL(shop.url).host}` },
  ])
  await using monitor = project.run('--verbose')
  await monitor.until(({ event, status }) => event === 'check' && status === 'down')
  await shop.start()
  await monitor.until(({ event, from, to }) => event === 'transition' && from === 'down' && to === 'up')
  await sleep(1_200)
  expect((await project.uptime('status', '--json')).json()).toMatchObject([{ name: 'shop', status: 'up' }])
  expect(await monitor.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(monitor.stderr).toBe('')
  const downtimes = (await project.uptime('downtimes', '--json')).json()
  expect(downtimes).toMatchObject([{ id: open[0]!.id, start: open[0]!.start, end: expect.any(String) }])
  const [row] = (await project.uptime('sla', '--json')).json()
  expect(row).toMatchObject({ name: 'shop', downtimes: 1, uptime: expect.any(Number) })
  expect(Number(row!.uptime)).toBeLessThan(100)
})

test('the server is killed while the monitor runs: facts wait, and are there when it is back', async () => {
  await using shop = await Shop.open()
  using project = new Project({ 'uptime.config.ts': configFor(shop.url, 'away') })
  project.usePackages()
  await using monitor = project.run('--verbose')
  await monitor.until(({ event, to }) => event === 'transition' && to === 'up')
  await sleep(1_000)
  await server().kill()
  await shop.kill()
  await monitor.until(({ event, to }) => event === 'transition' && to === 'down', 30_000)
  await shop.start()
  await monitor.until(
    ({ event, from, to }) => event === 'transition' && from === 'down' && to === 'up',
    30_000,
  )
  await server().restart()
  await vi.waitFor(
    async () => {
      const downtimes = (await project.uptime('downtimes', '--json')).json()
      expect(downtimes).toMatchObject([{ name: 'shop', end: expect.any(String) }])
    },
    { timeout: 60_000, interval: 1_000 },
  )
  expect((await monitor.end('SIGINT')).code).toBe(0)
})
