import { mkdirSync } from 'node:fs'
import { afterEach, expect, type TestContext, test, vi } from 'vitest'
import { Unavailable } from '../../../test/servers/tools.js'
import { Project, sleep } from '../../../test/support/uptime.js'
import { NotifySocket } from './support/notify-socket.js'

afterEach(() => void vi.unstubAllEnvs())

const project = (head = '') =>
  new Project({
    'uptime.config.mjs': `
      ${head}
      export default { every: '300ms', services: [{ kind: 'own', name: 'shop', async check() {} }] }`,
  })

/** What systemd gives to a service: where to speak, and how long it may be silent. */
async function systemd(context: TestContext, { isAbstract = false, watchdog = 0, pid = '' } = {}) {
  const opening = NotifySocket.open(isAbstract)
  const socket = await opening.catch((error) => {
    if (error instanceof Unavailable) return context.skip(error.message)
    throw error
  })
  vi.stubEnv('NOTIFY_SOCKET', socket.path)
  if (watchdog) vi.stubEnv('WATCHDOG_USEC', String(watchdog * 1_000))
  if (pid) vi.stubEnv('WATCHDOG_PID', pid)
  return socket
}

test('systemd is told when the monitor has started, how it stands, and that it stops', async (context) => {
  await using socket = await systemd(context)
  using folder = project()
  await using monitor = folder.run()
  await socket.until('READY=1')
  expect((await monitor.end('SIGTERM')).code).toBe(0)
  expect(socket.words).toEqual([
    expect.stringMatching(/^READY=1 STATUS=leads since \d{4}-/),
    'STOPPING=1 STATUS=stops',
  ])
  expect([monitor.stderr, monitor.said('incident')]).toEqual(['', []])
})

test('one that stands by has started, and tells when it takes over', async (context) => {
  using folder = project()
  await using leader = folder.run()
  await leader.until(({ to }) => to === 'up')
  await using socket = await systemd(context, { isAbstract: true })
  await using standby = folder.run()
  await socket.until('READY=1 STATUS=stands by since')
  expect(socket.words[0]).toMatch(new RegExp(` · .+ \\(pid ${leader.pid}\\) leads$`))
  await leader.end()
  await socket.until('STATUS=leads since')
  await standby.end()
})

test('nothing is ready before it has started', async (context) => {
  await using socket = await systemd(context)
  using folder = project('await new Promise((resolve) => setTimeout(resolve, 20_000))')
  await using monitor = folder.run()
  await sleep(1_500)
  expect(socket.words).toEqual([])
  await monitor.end('SIGTERM')
  expect(socket.words).toEqual(['STOPPING=1 STATUS=stops'])
})

test('the watchdog hears of it twice in its time, until the end', async (context) => {
  await using socket = await systemd(context, { watchdog: 1_000 })
  using folder = project()
  await using monitor = folder.run()
  await socket.until('READY=1')
  await sleep(3_100)
  const signs = socket.words.filter((word) => word === 'WATCHDOG=1').length
  expect(signs).toBeGreaterThanOrEqual(5)
  expect(signs).toBeLessThanOrEqual(7)
  await monitor.end()
})

test('a watchdog that watches another process hears nothing', async (context) => {
  await using socket = await systemd(context, { watchdog: 400, pid: String(process.pid) })
  using folder = project()
  await using monitor = folder.run()
  await socket.until('READY=1')
  await sleep(1_000)
  await monitor.end()
  expect(socket.words).not.toContain('WATCHDOG=1')
})

test('an event loop that stands still gives no sign of life', async (context) => {
  await using socket = await systemd(context, { watchdog: 600 })
  using folder = project(
    `setTimeout(() => { for (const end = Date.now() + 3_000; Date.now() < end; ); }, 2_000)`,
  )
  await using monitor = folder.run()
  await socket.until('WATCHDOG=1')
  await sleep(2_600)
  const count = () => socket.words.filter((word) => word === 'WATCHDOG=1').length
  const before = count()
  await sleep(1_200)
  expect(count()).toBe(before)
  await sleep(2_500)
  expect(count()).toBeGreaterThan(before)
  await monitor.end()
})

test('without the helper, and with nobody who hears, that is told once and harms nothing', async () => {
  using folder = project()
  mkdirSync(folder.path('empty'))
  vi.stubEnv('NOTIFY_SOCKET', folder.path('nobody'))
  vi.stubEnv('WATCHDOG_USEC', '200000')
  vi.stubEnv('PATH', folder.path('empty'))
  await using monitor = folder.run()
  await monitor.until(({ to }) => to === 'up')
  await sleep(1_000)
  expect((await monitor.end('SIGTERM')).code).toBe(0)
  expect(monitor.said('incident')).toMatchObject([
    { message: 'systemd is not told how the monitor goes on: there is no systemd-notify on the PATH' },
  ])
})
