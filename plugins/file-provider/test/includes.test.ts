import { expect, test, vi } from 'vitest'
import { listOf } from './support/echo.js'
import { Folder } from './support/folder.js'
import { Monitor } from './support/monitor.js'

vi.setConfig({ testTimeout: 60_000 })

const MAIN = 'services/main.yaml'

test('a file includes others by paths and globs from where it is, and those include further ones', async () => {
  using folder = new Folder({
    [MAIN]: 'include: [more/*.yaml, ../outside/far.toml]\nservices:\n  - { type: echo, name: main }\n',
    'services/more/a.yaml': 'include: deeper/b.json\n',
    'services/more/deeper/b.json': '[{ "type": "echo", "name": "deep" }]',
    'outside/far.toml': '[[services]]\ntype = "echo"\nname = "far"\n',
  })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('main', 'deep', 'far')
  expect(monitor.skipped).toEqual([])
  folder.write('services/more/c.yaml', listOf('more'))
  await monitor.shows('main', 'deep', 'far', 'more')
  folder.replace('outside/far.toml', '[[services]]\ntype = "echo"\nname = "farther"\n')
  await monitor.shows('main', 'deep', 'farther', 'more')
  folder.write(MAIN, 'include: more/c.yaml\n')
  await monitor.shows('more')
})

test('an included file that breaks keeps its services, and so does one that includes', async () => {
  using folder = new Folder({ [MAIN]: 'include: more/a.yaml\n', 'services/more/a.yaml': listOf('one') })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('one')
  folder.write('services/more/a.yaml', '- {')
  await monitor.skips({
    what: 'services/more/a.yaml:1:4',
    reason: expect.stringContaining('as it was before'),
  })
  folder.write(MAIN, 'includes: more/a.yaml\n')
  await expect.poll(() => monitor.skipped, { timeout: 10_000 }).toHaveLength(2)
  folder.write('services/more/a.yaml', listOf('two'))
  await monitor.shows('two')
})

test('an include of what is not there is told at its line, and taken as soon as it is there', async () => {
  using folder = new Folder({
    [MAIN]: 'services:\n  - { type: echo, name: main }\ninclude:\n  - no/*.yaml\n',
  })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('main')
  await monitor.skips({ what: `${MAIN}:4:5`, reason: 'include: there is no file no/*.yaml' })
  folder.write('services/no/a.yaml', listOf('one'))
  await monitor.shows('main', 'one')
  await monitor.skips()
  folder.remove('services/no')
  await monitor.shows('main')
})

test('a circle is told where it closes, and everything in it counts once', async () => {
  using folder = new Folder({
    'services/a.yaml': 'include: b.yaml\nservices:\n  - { type: echo, name: a }\n',
    'services/b.yaml': 'services:\n  - { type: echo, name: b }\ninclude: [c.yaml]\n',
    'services/c.yaml': 'include: [a.yaml, c.yaml]\nservices:\n  - { type: echo, name: c }\n',
  })
  await using monitor = await Monitor.start(folder)
  await monitor.shows('a', 'b', 'c')
  expect(monitor.skipped).toEqual([
    { what: 'services/c.yaml:1:11', reason: 'include: services/a.yaml includes this file, in a circle' },
    { what: 'services/c.yaml:1:19', reason: 'include: services/c.yaml includes this file, in a circle' },
  ])
})

test('a file that several include, or that is listed too, is read once', async () => {
  using folder = new Folder({
    'services/a.yaml': 'include: "*.yaml"\n',
    'services/b.yaml': 'include: ../common/c.yaml\n',
    'services/d.yaml': 'include: ../common/c.yaml\n',
    'common/c.yaml': listOf('common'),
  })
  folder.link('../common/c.yaml', 'services/e.yaml')
  await using monitor = await Monitor.start(folder)
  await monitor.shows('common')
  expect(monitor.skipped).toEqual([])
})
