import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileProvider } from '@uptimeserver/file-provider'
import { quietContext } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { echo, listOf } from './support/echo.js'
import { Folder } from './support/folder.js'
import { Monitor } from './support/monitor.js'

vi.setConfig({ testTimeout: 60_000 })

const A = 'services/a.yaml'

test('written in place, replaced, added, renamed and deleted: the monitored set is right after each', async () => {
  using folder = new Folder({ [A]: listOf('one') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one')
  folder.write(A, listOf('one', 'two'))
  await monitor.shows('one', 'two')
  folder.replace(A, listOf('two', 'three'))
  await monitor.shows('two', 'three')
  folder.replace(A, listOf('four'))
  await monitor.shows('four')
  folder.write('services/b.yaml', listOf('five'))
  await monitor.shows('four', 'five')
  folder.rename('services/b.yaml', 'services/b.off')
  await monitor.shows('four')
  folder.rename('services/b.off', 'services/c.yaml')
  await monitor.shows('four', 'five')
  folder.remove(A)
  await monitor.shows('five')
  folder.write(A, listOf('six'))
  await monitor.shows('five', 'six')
})

test('a ConfigMap: each turn of the link is one change, and nothing is dropped on the way', async () => {
  using folder = new Folder()
  folder.mount('services', { 'a.yaml': listOf('one', 'kept'), 'b.yaml': listOf('two') })
  folder.link('..data/a.yaml', 'services/a.yaml')
  folder.link('..data/b.yaml', 'services/b.yaml')
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'two', 'kept')
  monitor.sets.length = 0
  for (const turn of ['three', 'four', 'five']) {
    folder.mount('services', { 'a.yaml': listOf(turn, 'kept'), 'b.yaml': listOf(`${turn}-b`) })
    await monitor.shows(turn, `${turn}-b`, 'kept')
  }
  expect(monitor.sets).toEqual(['kept three three-b', 'four four-b kept', 'five five-b kept'])
})

test('a link to a folder or a file elsewhere: what changes there, and where it is turned to', async () => {
  using folder = new Folder({
    'v1/a.yaml': listOf('one'),
    'v2/a.yaml': listOf('two'),
    'far/b.yaml': listOf('far'),
  })
  folder.link('v1', 'services')
  folder.link('../far/b.yaml', 'v1/b.yaml')
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'far')
  folder.write('far/b.yaml', listOf('farther'))
  await monitor.shows('one', 'farther')
  folder.link('v2', 'turned')
  folder.rename('turned', 'services')
  await monitor.shows('two')
  folder.write('v2/a.yaml', listOf('three'))
  await monitor.shows('three')
})

test('folders that come, go and come again, as deep as the glob goes', async () => {
  using folder = new Folder()
  await using monitor = await Monitor.start(folder, { files: 'etc/uptime/**/*.yaml' })
  await monitor.skips({ what: 'etc/uptime/**/*.yaml', reason: 'there is no such file' })
  mkdirSync(folder.at('etc'))
  await sleep(300)
  folder.write('etc/uptime/a.yaml', listOf('one'))
  await monitor.shows('one')
  folder.write('etc/uptime/shops/north/b.yaml', listOf('two'))
  await monitor.shows('one', 'two')
  folder.write('etc/uptime/shops/north/c.yaml', listOf('three'))
  await monitor.shows('one', 'two', 'three')
  folder.remove('etc/uptime')
  await monitor.shows()
  folder.write('etc/uptime/a.yaml', listOf('four'))
  await monitor.shows('four')
  folder.rename('etc/uptime', 'etc/old')
  folder.write('etc/uptime/a.yaml', listOf('five'))
  await monitor.shows('five')
  folder.write('etc/uptime/a.yaml', listOf('six'))
  await monitor.shows('six')
})

test('what is excepted, hidden, of another kind or in node_modules is not read', async () => {
  const files = ['a.yaml', 'drafts/b.yaml', '.hidden.yaml', 'node_modules/c.yaml', 'd.txt']
  using folder = new Folder(Object.fromEntries(files.map((name) => [name, listOf(name.replace(/\W/g, '-'))])))
  await using monitor = await Monitor.start(folder, { files: ['**/*.yaml', '*.txt', '!drafts/**'] })
  await monitor.shows('a-yaml')
  expect(monitor.skipped).toEqual([
    {
      what: 'd.txt',
      reason:
        'expected a file that ends with .yaml, .yml, .json, .toml; until it is mended nothing of the file counts',
    },
  ])
})

test('changes of several files within a moment are taken together', async () => {
  using folder = new Folder({ [A]: listOf('one'), 'services/b.yaml': listOf('two') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'two')
  monitor.sets.length = 0
  folder.replace(A, listOf('two'))
  folder.replace('services/b.yaml', listOf('one'))
  folder.write('services/c.yaml', listOf('three'))
  await monitor.shows('one', 'two', 'three')
  expect(monitor.sets.filter((set) => !set.includes('one') || !set.includes('two'))).toEqual([])
})

test('a file that is being written is not read before its end', async () => {
  using folder = new Folder({ [A]: listOf('one', 'two', 'three') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'two', 'three')
  monitor.sets.length = 0
  writeFileSync(folder.at(A), '')
  for (const name of ['one', 'two', 'three', 'four']) {
    await sleep(100)
    writeFileSync(folder.at(A), listOf(name), { flag: 'a' })
  }
  await monitor.shows('one', 'two', 'three', 'four')
  expect(monitor.sets).toEqual(['four one three two'])
})

test('a file that stands broken for a moment is not told; one that stays broken is, and keeps its services', async () => {
  using folder = new Folder({ [A]: listOf('one'), 'services/b.yaml': listOf('two') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'two')
  const told: unknown[] = []
  const watch = setInterval(() => told.push(...monitor.skipped), 10)
  folder.write(A, '- { type: echo, name: ')
  await sleep(400)
  folder.write(A, listOf('one', 'three'))
  await monitor.shows('one', 'two', 'three')
  clearInterval(watch)
  expect(told).toEqual([])

  folder.write(A, '- type: echo\n  name: four\n  evry: 5s\n')
  await monitor.skips({
    what: 'services/a.yaml:3:3',
    reason: expect.stringMatching(
      /^\[0\]\.evry: found an unknown option, .+; until it is mended the file counts as it was before$/,
    ),
  })
  await monitor.shows('one', 'two', 'three')
  folder.write('services/b.yaml', listOf('five'))
  await monitor.shows('one', 'three', 'five')
  folder.write(A, listOf('four'))
  await monitor.shows('four', 'five')
  await monitor.skips()
})

test('a file that is broken at the start contributes nothing, and the others do', async () => {
  using folder = new Folder({ [A]: '- { type: ech, name: one }', 'services/b.yaml': listOf('two') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('two')
  expect(monitor.skipped).toEqual([
    {
      what: 'services/a.yaml:1:5',
      reason:
        '[0].type: found "ech", expected one of echo; did you mean echo?; until it is mended nothing of the file counts',
    },
  ])
  folder.write(A, listOf('one'))
  await monitor.shows('one', 'two')
})

test('a file that is there and cannot be read keeps its services', async () => {
  using folder = new Folder({ [A]: listOf('one'), 'services/b.yaml': listOf('two') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one', 'two')
  folder.link('a.yaml', 'services/circle')
  folder.rename('services/circle', A)
  await monitor.skips({ what: A, reason: expect.stringMatching(/^it cannot be read: ELOOP/) })
  folder.write('services/b.yaml', listOf('three'))
  await monitor.shows('one', 'three')
})

test('the same service in two files: the first has it, and when that goes the other takes over', async () => {
  const b = 'services/b.yaml'
  using folder = new Folder({
    [A]: '- { type: echo, name: one, every: 10s }',
    [b]: `\n${listOf('one', 'one')}`,
  })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one')
  const other = `echo "one": ${A}:1:3 has it`
  await monitor.skips({ what: `${b}:2:3`, reason: other }, { what: `${b}:3:3`, reason: other })
  monitor.sets.length = 0
  folder.remove(A)
  await monitor.skips({ what: `${b}:3:3`, reason: `echo "one": ${b}:2:3 has it` })
  expect(monitor.names).toEqual(['one'])
  expect(monitor.sets.filter((set) => set !== 'one')).toEqual([])
})

test('an event that is lost is made up for by the poll', async () => {
  using folder = new Folder({ 'far/a.yaml': listOf('one') })
  await using monitor = await Monitor.start(folder, { files: 'a/b/*.yaml', poll: '1s' })
  await monitor.skips({ what: 'a/b/*.yaml', reason: 'there is no such file' })
  // Two links away from anything that is watched.
  folder.write('elsewhere/x/c.yaml', listOf('one'))
  symlinkSync(folder.at('elsewhere'), folder.at('mid'))
  mkdirSync(folder.at('a'))
  symlinkSync('../mid/x', folder.at('a/b'))
  await monitor.shows('one')
  folder.write('other/x/c.yaml', listOf('two'))
  symlinkSync(folder.at('other'), folder.at('mid2'))
  folder.rename('mid2', 'mid')
  await monitor.shows('two')
})

test('no object is handed over again after it was let go', async () => {
  using folder = new Folder({
    [A]: '- { type: echo, name: one, every: 10s }',
    'services/b.yaml': listOf('one'),
  })
  const provider = fileProvider({ files: 'services/*.yaml', cwd: folder.path, types: { echo } })
  const seen: unknown[] = []
  for (const stop of [new AbortController(), new AbortController()]) {
    const sets = provider.discover(quietContext(stop.signal))[Symbol.asyncIterator]()
    const next = async () => (await sets.next()).value!.services[0]
    seen.push(await next())
    folder.remove(A)
    seen.push(await next())
    folder.write(A, '- { type: echo, name: one, every: 10s }')
    seen.push(await next())
    folder.remove(A)
    seen.push(await next())
    folder.write(A, '- { type: echo, name: one, every: 10s }')
    seen.push(await next())
    stop.abort()
    await sets.return?.()
  }
  expect(new Set(seen).size).toBe(seen.length)
})
