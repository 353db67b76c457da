import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Act,
  FakeClock,
  type MemoryDisk,
  MemoryPlace,
  memoryDisk,
  scriptedService,
} from '@uptimeserver/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Config, Event } from '../src/index.js'
import { folderDisk } from '../src/journal/disk.js'
import { JournalFile } from '../src/journal/journal-file.js'
import { decode, encode, type JournalRecord } from '../src/journal/records.js'
import { line } from './support/cluster.js'
import { seconds } from './support/seconds.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const HEADER = { monitor: 'default', holder: 'host/1', term: 3 }
const facts: Event[] = Array.from({ length: 12 }, (_, index) => ({
  type: 'down',
  id: `r-${index}`,
  at: START + index,
  service: 'shop ☃',
  start: START + index,
  reason: 'line\nbreak "and" ☃',
}))
const bytesOf = (records: readonly JournalRecord[]) => Buffer.from(records.map(encode).join(''))
const FILE = bytesOf([{ header: HEADER }, ...facts.map((fact) => ({ fact }))])

test('what was written is read, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uuid(), fc.string({ unit: 'binary' })), { maxLength: 20 }), (texts) => {
      const written: Event[] = texts.map(([id, reason]) => ({ ...facts[0]!, id, reason }) as Event)
      const read = decode(bytesOf([{ header: HEADER }, ...written.map((fact) => ({ fact }))]))
      const unique = new Map(written.map((fact) => [fact.id, fact]))
      expect(read).toEqual({ header: HEADER, facts: [...unique.values()], until: undefined, damaged: 0 })
    }),
  )
})

test('cut at every byte, it holds every record that was whole', () => {
  for (let length = 0; length <= FILE.length; length++) {
    const whole = FILE.subarray(0, length).toString('utf8').split('\n').length - 1
    const { facts: found, damaged } = decode(FILE.subarray(0, length))
    // The line break of the last one may be missing.
    expect([whole - 1, whole]).toContain(found.length)
    expect(found).toEqual(facts.slice(0, found.length))
    expect(damaged).toBeLessThanOrEqual(1)
  }
})

test('a flipped bit anywhere costs one record, or two that it joined, and no other', () => {
  for (let bit = 0; bit < FILE.length * 8; bit++) {
    const bytes = Buffer.from(FILE)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    const { header, facts: found } = decode(bytes)
    expect(found.length + (header ? 1 : 0)).toBeGreaterThanOrEqual(facts.length + 1 - 2)
    for (const fact of found) expect(facts).toContainEqual(fact)
  }
})

test('of a fact that was written again the last holds, at the place of the first', () => {
  const [a, b] = facts as [Event, Event]
  const later = { ...a, at: START + 99 }
  expect(decode(bytesOf([{ fact: a }, { fact: b }, { fact: later }, { until: 5 }])).facts).toEqual([later, b])
})

test('a folder on a real disk: for its owner only, appended to, replaced, removed', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'journal-')), 'deep', 'journal')
  const disk = folderDisk(folder)
  expect(await disk.list()).toEqual([])
  await expect(disk.append('a', 'one')).rejects.toThrow()
  await disk.replace('a', 'one')
  await disk.append('a', 'two')
  expect(String(await disk.read('a'))).toBe('onetwo')
  await disk.replace('a', 'three')
  expect(String(await disk.read('a'))).toBe('three')
  expect(await disk.list()).toMatchObject([{ name: 'a' }])
  if (process.platform !== 'win32') {
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o600)
  }
  await disk.remove('a')
  await disk.remove('a')
  expect(await disk.list()).toEqual([])
  await rm(folder, { recursive: true })
})

test('a file that somebody removed is written anew, with all that waits', async () => {
  const disk = memoryDisk()
  const file = new JournalFile(disk, 'x', () => HEADER)
  const [a, b] = facts as [Event, Event]
  await file.append([a], () => [a])
  disk.files.clear()
  await expect(file.append([b], () => [a, b])).rejects.toThrow('no file')
  await file.append([], () => [a, b])
  expect(decode(await disk.read('x'))).toMatchObject({ header: HEADER, facts: [a, b] })
})

test('after a write that failed the file is written anew, with all that waits', async () => {
  const disk = memoryDisk()
  const file = new JournalFile(disk, 'x', () => HEADER)
  const [a, b] = facts as [Event, Event]
  await file.append([a], () => [a])
  disk.broken = 'no space left on device'
  await expect(file.append([b], () => [a, b])).rejects.toThrow('no space')
  disk.files.set('x', `${disk.files.get('x')}1234 {"fa`)
  disk.broken = undefined
  await file.append([], () => [a, b])
  expect(decode(await disk.read('x'))).toMatchObject({ facts: [a, b], damaged: 0 })
})

/** A monitor with a disk, and a way to its storage that can be cut. */
async function journaled(config: Config = {}) {
  const [place, disk, seen] = [new MemoryPlace(), memoryDisk(), { act: 'up' as Act }]
  const way = line(place)
  const service = () => scriptedService({ acts: () => seen.act, every: '1s', attempts: 2 })
  const world = new World(
    { storage: way.storage, services: [service()], consolidators: [], ...config },
    { place, disk },
  )
  return { place, disk, seen, way, world, service }
}

/** The next process on the same host, after a `kill -9`. */
function next({ world, service, disk, way }: Awaited<ReturnType<typeof journaled>>, afterMs = 1_000) {
  const clock = new FakeClock(world.clock.now() + afterMs)
  const gone = new Set([...world.gone, world.instance.id])
  const config = { storage: way.storage, services: [service()] }
  return new World(config, { clock, gone, disk, place: world.place })
}

const factsOn = (disk: MemoryDisk) =>
  [...disk.files.values()].flatMap((text) => decode(new TextEncoder().encode(text)).facts)

test('while the storage takes everything there is no journal', async () => {
  const { world, disk, seen } = await journaled()
  await world.start()
  await world.clock.advance(10_000)
  seen.act = 'down'
  await world.clock.advance(10_000)
  await world.runner.stop()
  expect([...disk.files.keys()]).toEqual([])
})

test('what was told while the storage was away survives a kill, and is delivered with its true times', async () => {
  const setup = await journaled()
  const { world, seen, way, disk } = setup
  await world.start()
  await world.clock.advance(20_000)
  way.cut = true
  seen.act = 'down'
  await world.clock.advance(20_000)
  seen.act = 'up'
  await world.clock.advance(40_000)
  expect(world.heard('transition').slice(-1)).toMatchObject([{ to: 'up', stored: false }])
  way.cut = false
  const later = await next(setup).start()
  await later.clock.advance(20_000)
  await later.runner.stop()
  expect(seconds(await later.downtimes())).toEqual([[20, 40]])
  const runs = await later.runs()
  expect(runs.map(({ start, end }) => [start - START, end - START])[0]).toEqual([
    0,
    expect.closeTo(80_000, -4),
  ])
  expect(disk.files.size).toBe(0)
})

test('a transition is told only when it is safe', async () => {
  const { world, seen, way, disk } = await journaled()
  await world.start()
  await world.clock.advance(20_000)
  way.cut = true
  const safe: boolean[] = []
  world.runner.on('transition', ({ to, downtime }) => {
    if (to === 'down') safe.push(factsOn(disk).some(({ id }) => id === downtime))
  })
  seen.act = 'down'
  await world.clock.advance(20_000)
  expect(safe).toEqual([true])
})

test('a stop while the storage is away loses nothing: what waits is on disk, and the next start delivers it', async () => {
  const setup = await journaled()
  const { world, seen, way } = setup
  await world.start()
  await world.clock.advance(20_000)
  way.cut = true
  seen.act = 'down'
  await world.clock.advance(20_000)
  const stopping = world.runner.stop()
  await world.clock.advance(30_000)
  await stopping
  way.cut = false
  seen.act = 'up'
  const later = await next(setup).start()
  await later.clock.advance(20_000)
  await later.runner.stop()
  expect(seconds(await later.downtimes())).toEqual([[20, 71]])
})

test('a start while the storage is away: checks go on, and what they find is taken over when it answers', async () => {
  const setup = await journaled()
  const { world, seen, way } = setup
  way.cut = true
  await world.start()
  await world.clock.advance(20_000)
  expect(world.runner.leadership().standing).toBe('waiting')
  seen.act = 'down'
  await world.clock.advance(20_000)
  way.cut = false
  await world.clock.advance(20_000)
  expect(world.runner.leadership().standing).toBe('leading')
  seen.act = 'up'
  await world.clock.advance(20_000)
  await world.runner.stop()
  expect(seconds(await world.downtimes())).toEqual([[20, 60]])
  const [first] = await world.runs()
  expect(first!.start).toBe(START)
})

test('a downtime that ended while the storage was away ends when it did, though nobody knew that it was open', async () => {
  const setup = await journaled()
  const { world, seen, way } = setup
  await world.start()
  await world.clock.advance(10_000)
  seen.act = 'down'
  await world.clock.advance(10_000)
  way.cut = true
  const later = next(setup)
  await later.start()
  await later.clock.advance(10_000)
  seen.act = 'up'
  await later.clock.advance(10_000)
  seen.act = 'down'
  await later.clock.advance(10_000)
  way.cut = false
  await later.clock.advance(30_000)
  await later.runner.stop()
  expect(seconds(await later.downtimes())).toEqual([
    [10, 31],
    [41, null],
  ])
})

test('one that died after it had taken over what it found, and before its file was gone, leaves nothing to tell', async () => {
  const setup = await journaled()
  const { world, seen, way, disk } = setup
  await world.start()
  await world.clock.advance(10_000)
  seen.act = 'down'
  await world.clock.advance(10_000)
  way.cut = true
  const second = await next(setup).start()
  await second.clock.advance(10_000)
  seen.act = 'up'
  await second.clock.advance(10_000)
  const { remove } = disk
  disk.remove = () => new Promise(() => undefined)
  way.cut = false
  await second.clock.advance(30_000)
  expect(disk.files.size).toBe(1)
  disk.remove = remove
  const third = await next({ ...setup, world: second }).start()
  await third.clock.advance(10_000)
  await third.runner.stop()
  expect(third.heard('error')).toEqual([])
  expect(disk.files.size).toBe(0)
  expect(seconds(await third.downtimes())).toEqual([[10, 31]])
})

test('what waited without a lease is refused when another one has led meanwhile, and kept for people', async () => {
  const setup = await journaled()
  const { world, seen, way, disk, place } = setup
  way.cut = true
  await world.start()
  seen.act = 'down'
  await world.clock.advance(20_000)
  const rival = await new World({ services: [scriptedService()] }, { place }).start()
  await rival.clock.advance(30_000)
  way.cut = false
  for (let second = 0; second < 30; second++)
    for (const { clock } of [world, rival]) await clock.advance(1_000)
  expect(world.runner.leadership().standing).toBe('standby')
  expect(world.heard('error').map(({ error }) => error.code)).toEqual(['FACTS_REFUSED'])
  expect([...disk.files.keys()]).toEqual([expect.stringMatching(/\.refused$/)])
  expect(factsOn(disk).some(({ type }) => type === 'down')).toBe(true)
  expect(await rival.downtimes()).toEqual([])
  await Promise.all([world.runner.stop(), rival.runner.stop()])
})

test('a full disk is told once; what waits is delivered from memory, and kept on disk again when there is room', async () => {
  const { world, seen, way, disk } = await journaled()
  await world.start()
  await world.clock.advance(10_000)
  way.cut = true
  disk.broken = 'no space left on device'
  seen.act = 'down'
  await world.clock.advance(50_000)
  expect(world.heard('error').map(({ error }) => error.code)).toEqual(['JOURNAL_FAILED'])
  disk.broken = undefined
  await world.clock.advance(20_000)
  expect(factsOn(disk).some(({ type }) => type === 'down')).toBe(true)
  way.cut = false
  await world.clock.advance(20_000)
  await world.runner.stop()
  expect(await world.downtimes()).toHaveLength(1)
  expect(disk.files.size).toBe(0)
})

test('a journal of another monitor on the same disk is left alone', async () => {
  const setup = await journaled()
  const other = bytesOf([{ header: { ...HEADER, monitor: 'other' } }, { fact: facts[0]! }])
  setup.disk.files.set('abc-1.journal', String(other))
  await setup.world.start()
  await setup.world.clock.advance(5_000)
  await setup.world.runner.stop()
  expect(setup.disk.files.get('abc-1.journal')).toBe(String(other))
})

test('a damaged journal is delivered as far as it is whole, and its bytes are kept', async () => {
  const setup = await journaled()
  const { world, seen, way, disk } = setup
  await world.start()
  await world.clock.advance(10_000)
  way.cut = true
  seen.act = 'down'
  await world.clock.advance(20_000)
  const [name] = [...disk.files.keys()] as [string]
  disk.files.set(name, `${disk.files.get(name)}deadbeef {"fact":{"type":"up`)
  way.cut = false
  const later = await next(setup).start()
  await later.clock.advance(5_000)
  await later.runner.stop()
  expect(seconds(await later.downtimes())).toEqual([[10, null]])
  expect([...disk.files.keys()]).toEqual([`${name}.damaged`])
})
