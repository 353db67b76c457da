import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Discovery } from '@uptimeserver/core'
import { fileProvider } from '@uptimeserver/file-provider'
import { quietContext } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { echo, listOf } from './support/echo.js'
import { Folder } from './support/folder.js'
import { Monitor } from './support/monitor.js'

vi.setConfig({ testTimeout: 120_000 })

const COUNT = 10_000

/** The longest time in which nothing else had its turn, in ms, while something goes on. */
async function longestBlock<T>(work: Promise<T>): Promise<{ result: T; longest: number }> {
  let last = performance.now()
  let longest = 0
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const result = await work
  clearInterval(watch)
  return { result, longest }
}

test('ten thousand services are read aside: the checks of others go on', async () => {
  const names = Array.from({ length: COUNT }, (_, n) => `shop ${n}`)
  using folder = new Folder({ 'a.yaml': listOf(...names) })
  const provider = fileProvider({ files: '*.yaml', cwd: folder.path, types: { echo } })
  const stop = new AbortController()
  const sets = provider.discover(quietContext(stop.signal))[Symbol.asyncIterator]()
  const began = performance.now()
  const { result, longest } = await longestBlock(sets.next())
  const took = performance.now() - began
  expect((result.value as Discovery).services).toHaveLength(COUNT)
  // Read in one go, the file would block for nearly all of the time.
  expect(longest).toBeLessThan(took / 3)
  stop.abort()
  await sets.return?.()
})

test('a fault far down in a long file has its line', async () => {
  const names = Array.from({ length: 3_000 }, (_, n) => `shop ${n}`)
  using folder = new Folder({ 'services/a.yaml': `${listOf(...names)}- { type: echo, nam: x }\n` })
  await using monitor = await Monitor.start(folder)
  await expect
    .poll(() => monitor.skipped, { timeout: 30_000 })
    .toEqual([
      {
        what: 'services/a.yaml:3001:17',
        reason: expect.stringMatching(/^\[3000\]\.nam: found an unknown option/),
      },
    ])
})

test('a file of more than 100,000 entries is refused', async () => {
  using folder = new Folder({ 'a.json': `[${'1,'.repeat(100_000)}1]` })
  await using monitor = await Monitor.start(folder, { files: 'a.json' })
  await monitor.skips({
    what: 'a.json',
    reason: expect.stringMatching(/^it has 100001 entries, expected at most 100000;/),
  })
})

test('a file of more than 10 MiB, and one that is not UTF-8, are refused', async () => {
  using folder = new Folder({
    'services/a.yaml': `#${'x'.repeat(10 * 1_048_576)}\n[]`,
    'services/b.yaml': '[]',
  })
  appendFileSync(folder.at('services/b.yaml'), Buffer.from([0x23, 0xff, 0xfe]))
  await using monitor = await Monitor.start(folder)
  await monitor.skips(
    { what: 'services/a.yaml', reason: expect.stringMatching(/^it has more than 10 MiB;/) },
    { what: 'services/b.yaml', reason: expect.stringMatching(/^it is not UTF-8;/) },
  )
})

test('of more than 100,000 services in all files, the file that would be too much does not count', async () => {
  const list = (name: string, count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, n) => ({ type: 'echo', name: `${name}${n}` })))
  using folder = new Folder({
    'a.json': list('a', 60_000),
    'b.json': list('b', 50_000),
    'c.json': list('c', 10),
  })
  const provider = fileProvider({ files: '*.json', cwd: folder.path, types: { echo } })
  for await (const { services, skipped } of provider.discover(quietContext())) {
    expect(services).toHaveLength(60_010)
    expect(skipped).toEqual([{ what: 'b.json', reason: 'with it there would be more than 100000 services' }])
    break
  }
})

test('what others write in the same folder costs nothing', async () => {
  using folder = new Folder({ 'services/a.yaml': listOf('one'), 'services/uptime.db': '' })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one')
  await sleep(500)
  const { providers } = { providers: monitor.runner.providers() }
  const before = process.cpuUsage()
  for (let n = 0; n < 200; n++) {
    appendFileSync(folder.at('services/uptime.db'), 'x')
    await sleep(5)
  }
  const { user, system } = process.cpuUsage(before)
  expect(user + system).toBeLessThan(500_000)
  expect(monitor.runner.providers()).toEqual(providers)
})
