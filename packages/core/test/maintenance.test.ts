import { FakeClock, memoryStorage, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Config, endMaintenance, parseInstant, resolveConfig } from '../src/index.js'
import { all } from '../src/kit/all.js'
import { World } from './support/world.js'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(`2026-03-${text}Z`)
const shop = () => scriptedService({ name: 'shop', category: 'web' })
const mail = () => scriptedService({ name: 'mail', category: 'infra' })

/** A monitor that begins at noon on 2 March. */
const world = (config: Config, start = at('02T12:00')) =>
  new World({ services: [shop(), mail()], every: '60s', ...config }, { clock: new FakeClock(start) })

/** What is on record: from, to, for whom and why. */
async function windows(of: World) {
  const names = new Map(
    (await of.read((storage) => storage.services())).map(({ id, name }) => [id, name] as const),
  )
  const list = await of.read((storage) => all(storage.maintenance()))
  return list.map(({ start, end, services, reason }) => [
    new Date(start).toISOString().slice(8, 16),
    end && new Date(end).toISOString().slice(8, 16),
    services?.map((id) => names.get(id)).join() ?? 'all',
    reason,
  ])
}

const evening = { start: '2026-03-02T18:00Z', end: '2026-03-02T20:00Z', reason: 'new racks' }
const nightly = { cron: '0 3 * * *', duration: '2h' as const, reason: 'patches' }

describe('maintenance of a config', () => {
  test('becomes a fact when its time comes, and not before', async () => {
    const w = await world({ maintenance: [evening] }).start()
    await w.clock.advance(6 * HOUR - 1_000)
    expect(await windows(w)).toEqual([])
    await w.clock.advance(2_000)
    expect(await windows(w)).toEqual([['02T18:00', '02T20:00', 'all', 'new racks']])
    expect(w.heard('maintenance')).toMatchObject([{ start: at('02T18:00'), end: at('02T20:00') }])
    await w.clock.advance(10 * HOUR)
    expect(w.heard('maintenance')).toHaveLength(1)
    await w.runner.stop()
    expect(w.clock.pending).toBe(0)
  })

  test('comes again and again, by the clocks of its zone', async () => {
    const w = await world({ maintenance: { ...nightly, zone: 'Europe/Berlin' } }, at('29T00:30')).start()
    await w.clock.advance(25 * HOUR)
    expect(await windows(w)).toEqual([
      ['29T01:00', '29T03:00', 'all', 'patches'],
      ['30T01:00', '30T03:00', 'all', 'patches'],
    ])
    await w.runner.stop()
  })

  test('is local time where it has no offset, in the zone of the config', async () => {
    const local = { start: '2026-03-02T18:00', end: new Date(at('02T18:00')), reason: 'x' }
    const w = await world({ zone: 'Europe/Berlin', maintenance: [local] }).start()
    await w.clock.advance(6 * HOUR)
    expect(await windows(w)).toEqual([['02T17:00', '02T18:00', 'all', 'x']])
    await w.runner.stop()
  })

  test('is made up for when the monitor was off, and stated once', async () => {
    const config = { services: [shop()], maintenance: [evening, nightly] }
    const first = await world(config).start()
    await first.clock.advance(HOUR)
    const second = await first.restart(40 * HOUR, config)
    await second.clock.advance(5_000)
    const made = [
      ['02T18:00', '02T20:00', 'all', 'new racks'],
      ['03T03:00', '03T05:00', 'all', 'patches'],
      ['04T03:00', '04T05:00', 'all', 'patches'],
    ]
    expect(await windows(second)).toEqual(made)
    const third = await second.restart(1_000, config)
    await third.clock.advance(5_000)
    expect(await windows(third)).toEqual(made)
    expect(third.heard('maintenance')).toEqual([])
    await third.runner.stop()
  })

  test('that is written down too late changes nothing of what was before, and says so', async () => {
    const first = await world({}).start()
    await first.clock.advance(7 * HOUR)
    const warnings: string[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const over = { start: '2026-03-02T13:00Z', end: '2026-03-02T14:00Z', reason: 'forgotten' }
    const second = await first.restart(1_000, { services: [shop()], maintenance: [over, evening] }, { log })
    await second.clock.advance(1_000)
    expect(await windows(second)).toEqual([['02T19:00', '02T20:00', 'all', 'new racks']])
    expect(warnings).toEqual([
      'maintenance "forgotten" from 2026-03-02T13:00:00.000Z came into the config too late; record time that is over with `uptime maintenance add`',
    ])
    await second.runner.stop()
  })

  test('that is taken out while it goes on ends then, and what was stays', async () => {
    const first = await world({ maintenance: [evening] }).start()
    await first.clock.advance(7 * HOUR)
    const second = await first.restart(60_000, { services: [shop()] })
    await second.clock.advance(5_000)
    expect(await windows(second)).toEqual([['02T18:00', '02T19:01', 'all', 'new racks']])
    await second.runner.stop()
  })

  test('is for those that its filter chooses, also when they come later', async () => {
    const provider = scriptedProvider()
    const filter = { categories: ['infra'] }
    const w = await world({
      services: [shop()],
      providers: [provider],
      maintenance: [
        { ...evening, filter },
        { ...evening, reason: 'odd', filter: ({ name }) => name === 'shop' },
      ],
    }).start()
    provider.put()
    await w.clock.advance(6.5 * HOUR)
    expect(await windows(w)).toEqual([['02T18:00', '02T20:00', 'shop', 'odd']])
    provider.put(mail())
    await w.clock.advance(1_000)
    provider.put(mail(), scriptedService({ name: 'disk', category: 'infra' }))
    await w.clock.advance(1_000)
    expect((await windows(w)).sort()).toEqual([
      ['02T18:00', '02T20:00', 'mail,disk', 'new racks'],
      ['02T18:00', '02T20:00', 'shop', 'odd'],
    ])
    await w.runner.stop()
  })

  test('that a person has ended stays ended, after a restart and for services that come later', async () => {
    const maintenance = [{ ...nightly, filter: { categories: ['web'] } }]
    const provider = scriptedProvider()
    const w = await world({ services: [shop()], providers: [provider], maintenance }, at('03T02:50')).start()
    provider.put()
    await w.clock.advance(HOUR / 2)
    const [window] = await w.read((storage) => all(storage.maintenance()))
    const person = memoryStorage(w.place)
    await person.open({} as never, { monitor: 'default' })
    await endMaintenance(person, window!.window, w.clock)
    provider.put(scriptedService({ name: 'blog', category: 'web' }))
    await w.clock.advance(HOUR / 4)
    const ended = [['03T03:00', '03T03:20', 'shop', 'patches']]
    expect(await windows(w)).toEqual(ended)
    const again = await w.restart(HOUR / 4, { services: [shop()], maintenance })
    await again.clock.advance(HOUR / 10)
    expect(await windows(again)).toEqual(ended)
    await again.runner.stop()
  })

  test('leaves the checks alone: only what they count for changes', async () => {
    const service = scriptedService({ name: 'shop', acts: (n) => (n > 400 ? 'down' : 'up') })
    const w = await world({ services: [service], maintenance: [evening] }).start()
    await w.clock.advance(7 * HOUR)
    expect(w.moves('shop')).toEqual(['unknown→up', 'up→soft', 'soft→down'])
    await w.runner.stop()
  })

  test('waits for a storage that is away, and a set clock neither doubles nor loses it', async () => {
    const w = await world({ maintenance: [evening] }).start()
    await w.clock.advance(HOUR)
    w.clock.jump(5.5 * HOUR)
    await w.clock.advance(60_000)
    w.clock.jump(-3 * HOUR)
    await w.clock.advance(4 * HOUR)
    const [window, ...others] = await windows(w)
    expect(window).toEqual(['02T18:00', '02T20:00', 'all', 'new racks'])
    expect(others).toEqual([])
    await w.runner.stop()
  })
})

test.each([
  [
    { ...evening, end: '2026-03-02T17:00Z' },
    'maintenance[0] · end: found "2026-03-02T17:00Z", expected a time that is later than start',
  ],
  [
    { ...evening, start: 'tomorrow' },
    `maintenance[0] · start: found "tomorrow", expected a time such as '2026-11-22T08:00:00+01:00'`,
  ],
  [{ ...evening, start: '2026-02-30' }, 'maintenance[0] · start: found "2026-02-30"'],
  [{ ...evening, reason: '' }, 'maintenance[0] · reason: found "", expected a text'],
  [{ ...nightly, cron: '0 0 31 2 *' }, 'no date fits it, so it would never fire'],
  [{ ...nightly, cron: '0 25 * * *' }, 'maintenance[0] · cron: found "0 25 * * *"'],
  [{ ...nightly, duration: '5s' }, 'maintenance[0] · duration: found "5s", expected a duration'],
  [{ ...nightly, zone: 'europe/berlin' }, 'did you mean Europe/Berlin?'],
  [{ ...nightly, filter: { category: 'infra' } }, 'did you mean categories?'],
  [{ ...evening, duration: '2h' }, 'maintenance[0] · duration: found an unknown option'],
  ['sundays', 'maintenance[0]: found "sundays"'],
])('%j is told as wrong', async (rule, message) => {
  await expect(resolveConfig({ maintenance: [rule] })).rejects.toThrow(message)
})

test('a zone and an objective of the config are checked, too', async () => {
  const wrong = { zone: 'Berlin', objective: { default: 0, categories: { web: 101 } } }
  await expect(resolveConfig(wrong)).rejects.toMatchObject({
    message: expect.stringMatching(
      /zone: .*did you mean Europe\/Berlin\?[\s\S]*objective.*default[\s\S]*categories.*web/,
    ),
  })
})

describe('a time', () => {
  test.each([
    ['2026-11-22T08:00:00+01:00', '2026-11-22T07:00:00.000Z'],
    ['2026-11-22T08:00Z', '2026-11-22T08:00:00.000Z'],
    ['2026-11-22', '2026-11-21T23:00:00.000Z'],
    ['2026-11-22T08:00', '2026-11-22T07:00:00.000Z'],
    ['2026-11-22 08:00:30.5', '2026-11-22T07:00:30.500Z'],
    ['2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ])('%s in Berlin is %s', (text, expected) => {
    expect(new Date(parseInstant(text, 'Europe/Berlin')!).toISOString()).toBe(expected)
  })

  test('that does not exist is none', () => {
    for (const text of [
      '2026-02-30',
      '2026-13-01',
      '2026-11-22T25:00',
      '22.11.2026',
      'now',
      '',
      '2026-11-22Z',
    ])
      expect(parseInstant(text, 'UTC')).toBeUndefined()
  })

  test('comes back from ISO 8601 as it went', () => {
    const times = fc.integer({ min: -6e13, max: 2.5e14 })
    fc.assert(fc.property(times, (time) => parseInstant(new Date(time).toISOString(), 'Asia/Tokyo') === time))
  })
})
