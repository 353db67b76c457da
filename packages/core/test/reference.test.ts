import { type Act, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import {
  type BlindEvent,
  type Config,
  createReports,
  resolveConfig,
  type Service,
  serviceId,
} from '../src/index.js'
import { advance, lose, restoredDown, UNKNOWN } from '../src/monitor/state.js'
import { World, type WorldOptions } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const SECOND = 1_000
const MINUTE = 60_000
const LOST = 'the monitor could reach nothing: its own network was gone'

/** What lies between the monitor and everything else. */
class Network {
  isUp = true

  /** A service that is up while its script says so and the network is there. */
  reach(name = 'shop', isUp: () => boolean = () => true, ms = 0): Service {
    return {
      kind: 'scripted',
      name,
      check: async ({ clock }) => {
        if (ms) await new Promise<void>((resolve) => clock.timer(resolve, ms))
        if (!this.isUp) throw new Error('network is unreachable')
        if (!isUp()) throw new Error('scripted failure')
      },
    }
  }

  reference() {
    return scriptedService({ name: 'internet', acts: () => (this.isUp ? 'up' : 'down') })
  }
}

/** A monitor, what it says of blindness, and when which checks counted. */
async function watch(config: Config, options: WorldOptions = {}) {
  const world = new World({ consolidators: [], ...config }, options)
  const blind: BlindEvent[] = []
  const counted: { name: string; ok: boolean; at: number }[] = []
  world.runner.on('blind', (event) => blind.push(event))
  world.runner.on('check', ({ service, ok, at }) => counted.push({ name: service.name, ok, at: at - START }))
  await world.start()
  return { world, blind, counted }
}

const lostIn = async (world: World) => (await world.gaps()).filter(({ reason }) => reason === LOST)
const spans = (intervals: readonly { start: number; end: number | null }[]) =>
  intervals.map(({ start, end }) => [start - START, end === null ? null : end - START])

test('a thousand services fail with all references: no downtime, one gap each, from the last good check to the next', async () => {
  const net = new Network()
  const services = Array.from({ length: 1_000 }, (_, index) => net.reach(`s${index}`))
  const reference = [net.reference(), net.reference()]
  const { world, blind, counted } = await watch({ services, reference })
  await world.clock.advance(MINUTE)
  net.isUp = false
  await world.clock.advance(5 * MINUTE)
  net.isUp = true
  await world.clock.advance(MINUTE)
  await world.runner.stop()

  expect(await world.downtimes()).toEqual([])
  const gaps = await lostIn(world)
  expect(new Set(gaps.map(({ service }) => service)).size).toBe(1_000)
  expect(gaps).toHaveLength(1_000)
  expect(counted.every(({ ok }) => ok)).toBe(true)
  const times = new Map<string, number[]>()
  for (const { name, at } of counted) {
    const id = serviceId({ kind: 'scripted', name })
    times.set(id, [...(times.get(id) ?? []), at + START])
  }
  for (const { service, start, end } of gaps) {
    const goods = times.get(service)!
    expect(goods[goods.indexOf(start) + 1]).toBe(end)
    expect(start).toBeLessThan(START + MINUTE)
    expect(end).toBeLessThanOrEqual(START + 6 * MINUTE + 6 * SECOND)
  }
  expect(blind).toHaveLength(2)
  expect(blind[0]).toMatchObject({
    since: blind[0]!.at,
    reason: expect.stringMatching(/none of 2.*internet/),
  })
  expect(blind[1]).toMatchObject({ since: null, reason: null })
  expect(world.heard('gap')).toEqual([])
})

test('the figures of that time: nothing was down, and not everything was seen', async () => {
  const net = new Network()
  const { world } = await watch({ services: [net.reach()], reference: net.reference() })
  await world.clock.advance(MINUTE)
  net.isUp = false
  await world.clock.advance(5 * MINUTE)
  net.isUp = true
  await world.clock.advance(4 * MINUTE)
  await world.runner.stop()
  const period = { start: START, end: START + 10 * MINUTE }
  const [row] = await world.read((storage) => createReports(storage, { clock: world.clock }).sla({ period }))
  expect(row!.uptime).toBe(100)
  expect(row!.coverage).toBeGreaterThan(45)
  expect(row!.coverage).toBeLessThan(52)
})

/** What is recorded of services that are down now and then, each at times of its own, or all together. */
async function outages(reference: Config['reference'], apart: number) {
  const services = Array.from({ length: 300 }, (_, index): Service => {
    const check: Service['check'] = async ({ clock }) => {
      const sinceOutage = (clock.monotonic() + index * apart) % (3 * MINUTE)
      if (sinceOutage < 40 * SECOND) throw new Error('scripted failure')
    }
    return { kind: 'scripted', name: `s${index}`, check, timing: { attempts: 1 + (index % 4) } }
  })
  const { world, blind } = await watch({ services, reference })
  await world.clock.advance(10 * MINUTE)
  await world.runner.stop()
  expect([blind, await lostIn(world)]).toEqual([[], []])
  // The first checks are on no phase yet, and the last failures wait for their verdict.
  return (await world.downtimes())
    .filter(({ start }) => start >= START + MINUTE && start < START + 9 * MINUTE)
    .map(({ service, start, end }) => [service, start, end].join(' '))
    .sort()
}

for (const apart of [0, 777]) {
  test(`with one reference up, failures count exactly as without any: 300 services, ${apart} ms apart`, async () => {
    const reference = (['up', 'down', 'hang'] as const).map((act) => scriptedService({ acts: [act] }))
    const without = await outages(undefined, apart)
    expect(without.length).toBeGreaterThanOrEqual(600)
    expect(await outages(reference, apart)).toEqual(without)
  })
}

test('a verdict that is waited for delays no attempt', async () => {
  const services = Array.from({ length: 20 }, (_, index) =>
    scriptedService({ name: `s${index}`, acts: (n) => (n < 3 ? 'up' : 'down') }),
  )
  const reference = scriptedService({ name: 'internet' })
  const { world, counted } = await watch({ services, reference, retryEvery: '2s' })
  await world.clock.advance(40 * SECOND)
  await world.runner.stop()
  for (const { name } of services) {
    const [first, second, third] = counted.flatMap((one) => (one.name === name && !one.ok ? [one.at] : []))
    expect([second! - first!, third! - second!]).toEqual([2 * SECOND, 2 * SECOND])
  }
})

test('nothing is asked of references while nothing fails, and one round a second at most while much does', async () => {
  const net = new Network()
  const reference = [net.reference(), net.reference()]
  let isUp = true
  const services = Array.from({ length: 500 }, (_, index) => net.reach(`s${index}`, () => isUp))
  const { world } = await watch({ services, reference })
  await world.clock.advance(MINUTE)
  expect(reference.map(({ calls }) => calls)).toEqual([0, 0])
  isUp = false
  await world.clock.advance(MINUTE)
  for (const { calls } of reference) expect(calls).toBeLessThanOrEqual(61)
  expect(await world.downtimes()).toHaveLength(500)
  net.isUp = false
  await world.clock.advance(MINUTE)
  for (const { calls } of reference) expect(calls).toBeLessThanOrEqual(122)
  await world.runner.stop()
})

test('references are no services: they are not recorded, not shown, and closed once at the end', async () => {
  const reference = scriptedService({ name: 'internet' })
  const { world } = await watch({ services: [scriptedService({ acts: ['down'] })], reference: [[reference]] })
  await world.clock.advance(MINUTE)
  expect(reference.calls).toBeGreaterThan(0)
  expect(world.runner.status().map(({ name }) => name)).toEqual(['scripted'])
  expect(await world.read((storage) => storage.services())).toHaveLength(1)
  expect(reference.closed).toBe(0)
  await world.runner.stop()
  expect(reference.closed).toBe(1)
})

test('a reference that hangs decides at its own timeout, and holds no slot meanwhile', async () => {
  const net = new Network()
  const reference = scriptedService({ acts: ['hang'], timeout: '4s' })
  const good = scriptedService({ name: 'good', every: '1s' })
  const services = [net.reach('a'), net.reach('b'), good]
  net.isUp = false
  const { world, blind } = await watch({ services, reference, concurrency: 1 })
  await world.clock.advance(3_500)
  expect(good.calls).toBeGreaterThanOrEqual(3)
  expect(blind).toEqual([])
  await world.clock.advance(1_000)
  expect(blind).toMatchObject([
    { since: expect.any(Number), reason: 'scripted "scripted": timeout after 4s' },
  ])
  expect(world.runner.status().map(({ status }) => status)).toEqual(['unknown', 'unknown', 'up'])
  expect(world.runner.status()[0]).toMatchObject({ message: LOST, failures: 0, since: null })
  await world.runner.stop()
})

test('one that ignores its signal is not asked again while it runs, and written off in the end', async () => {
  const acts = (n: number): Act => (n === 0 ? 'ignore' : 'up')
  const reference = scriptedService({ acts, timeout: '1s' })
  const { world } = await watch({ services: [scriptedService({ acts: ['down'] })], reference })
  await world.clock.advance(10 * SECOND)
  expect(reference.calls).toBe(1)
  expect(await world.downtimes()).toEqual([])
  await world.clock.advance(10 * SECOND)
  expect(reference.calls).toBeGreaterThan(1)
  expect(await world.downtimes()).toHaveLength(1)
  await world.runner.stop()
})

test('blindness in the middle of a soft streak: the streak begins anew after it', async () => {
  const net = new Network()
  const states = { isUp: true }
  const { world, counted } = await watch({
    services: [net.reach('shop', () => states.isUp)],
    reference: net.reference(),
  })
  await world.clock.advance(30 * SECOND)
  states.isUp = false
  while (world.runner.status()[0]!.failures < 2) await world.clock.advance(100)
  net.isUp = false
  await world.clock.advance(30 * SECOND)
  expect(world.runner.status()[0]).toMatchObject({ status: 'unknown', failures: 0 })
  net.isUp = true
  await world.clock.advance(30 * SECOND)
  const failed = counted.filter(({ ok }) => !ok).map(({ at }) => at)
  const [gap] = spans(await lostIn(world))
  expect(gap).toEqual([failed[1], failed[2]])
  expect(spans(await world.downtimes())).toEqual([[failed[2], null]])
  expect(world.moves('shop')).toEqual(['unknown→up', 'up→soft', 'soft→unknown', 'unknown→soft', 'soft→down'])
  await world.runner.stop()
})

for (const after of ['down', 'up'] as const) {
  test(`what was down before blindness is one downtime, ${after === 'up' ? 'closed by the first good check' : 'confirmed by one failed check'} after it`, async () => {
    const net = new Network()
    let isUp = true
    const { world } = await watch({
      services: [net.reach('shop', () => isUp)],
      reference: net.reference(),
      attempts: 2,
    })
    await world.clock.advance(30 * SECOND)
    isUp = false
    await world.clock.advance(30 * SECOND)
    const { id, start } = (await world.downtimes())[0]!
    net.isUp = false
    await world.clock.advance(MINUTE)
    expect(world.runner.status()[0]).toMatchObject({ status: 'unknown', since: null, message: LOST })
    expect(await world.downtimes()).toMatchObject([{ id, end: null }])
    isUp = after === 'up'
    net.isUp = true
    await world.clock.advance(5 * SECOND)
    const [gap] = await lostIn(world)
    const end = after === 'up' ? gap!.end : null
    expect(await world.downtimes()).toMatchObject([{ id, start, end }])
    expect(world.moves('shop').slice(-2)).toEqual(['down→unknown', `unknown→${after}`])
    expect(world.heard('transition').at(-1)).toMatchObject({ downtime: id })
    await world.runner.stop()
  })
}

test('what was up before and is down after blindness is down from the first failed check after it', async () => {
  const net = new Network()
  let isUp = true
  const { world, counted } = await watch({
    services: [net.reach('shop', () => isUp)],
    reference: net.reference(),
  })
  await world.clock.advance(30 * SECOND)
  net.isUp = isUp = false
  await world.clock.advance(MINUTE)
  net.isUp = true
  await world.clock.advance(20 * SECOND)
  const first = counted.find(({ ok }) => !ok)!.at
  expect(first).toBeGreaterThanOrEqual(90 * SECOND)
  expect(spans(await world.downtimes())).toEqual([[first, null]])
  await world.runner.stop()
})

test('blindness at the very first check: nothing is known until one is good', async () => {
  const net = new Network()
  net.isUp = false
  const { world } = await watch({ services: [net.reach()], reference: net.reference() })
  await world.clock.advance(MINUTE)
  expect(world.moves('shop')).toEqual([])
  expect(spans(await lostIn(world))).toEqual([[0, null]])
  net.isUp = true
  await world.clock.advance(5 * SECOND)
  const [[start, end]] = spans(await lostIn(world)) as [[number, number]]
  expect(start).toBe(0)
  expect(end).toBeLessThanOrEqual(62 * SECOND)
  expect(world.moves('shop')).toEqual(['unknown→up'])
  await world.runner.stop()
})

test('a good outcome counts at once, blind or not', async () => {
  const net = new Network()
  const local = scriptedService({ name: 'local' })
  const { world, counted, blind } = await watch({
    services: [net.reach(), local],
    reference: net.reference(),
  })
  await world.clock.advance(MINUTE)
  net.isUp = false
  await world.clock.advance(MINUTE)
  expect(blind).toHaveLength(1)
  expect(counted.filter(({ name, at }) => name === 'local' && at > MINUTE)).toHaveLength(6)
  const [gap, ...others] = await lostIn(world)
  expect(others).toEqual([])
  expect(gap!.service).toBe(serviceId({ kind: 'scripted', name: 'shop' }))
  await world.runner.stop()
})

test('a service that answers again before any reference does is seen from then on', async () => {
  let isUp = true
  const reference = scriptedService({ acts: (n) => (n < 20 ? 'down' : 'up') })
  const { world, counted } = await watch({ services: [new Network().reach('shop', () => isUp)], reference })
  await world.clock.advance(30 * SECOND)
  isUp = false
  await world.clock.advance(12 * SECOND)
  isUp = true
  await world.clock.advance(MINUTE)
  const [[start, end]] = spans(await lostIn(world)) as [[number, number]]
  expect(counted.map(({ at }) => at)).toEqual(expect.arrayContaining([start, end]))
  expect(end - start).toBeLessThanOrEqual(20 * SECOND)
  expect(await world.downtimes()).toEqual([])
  await world.runner.stop()
})

test('what had begun before the network came back proves nothing, though it fails after that', async () => {
  const net = new Network()
  const services = Array.from({ length: 20 }, (_, index): Service => {
    // What is sent into a dead network gets no answer, also when it is alive again.
    const check: Service['check'] = ({ signal }) =>
      net.isUp
        ? Promise.resolve()
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    return { kind: 'scripted', name: `s${index}`, check }
  })
  const { world, counted } = await watch({
    services,
    reference: net.reference(),
    attempts: 1,
    timeout: '5s',
  })
  await world.clock.advance(30 * SECOND)
  net.isUp = false
  await world.clock.advance(17 * SECOND)
  net.isUp = true
  await world.clock.advance(30 * SECOND)
  expect(counted.every(({ ok }) => ok)).toBe(true)
  expect(await world.downtimes()).toEqual([])
  expect(world.runner.status().every(({ status }) => status === 'up')).toBe(true)
  await world.runner.stop()
})

test('a reference that was asked before a check failed proves nothing about it', async () => {
  const net = new Network()
  let calls = 0
  // It answers late to what it was asked when the network was there.
  const check: Service['check'] = async ({ clock }) => {
    calls++
    const wasUp = net.isUp
    await new Promise<void>((resolve) => clock.timer(resolve, 3 * SECOND))
    if (!wasUp) throw new Error('network is unreachable')
  }
  const { world, blind } = await watch({
    services: [scriptedService({ acts: ['up', 'down'] }), { ...net.reach('shop'), timing: { every: '1s' } }],
    reference: { kind: 'scripted', name: 'internet', check },
    attempts: 1,
  })
  while (!calls) await world.clock.advance(100)
  net.isUp = false
  await world.clock.advance(10 * SECOND)
  expect(blind).toHaveLength(1)
  expect(await world.downtimes()).toMatchObject([
    { service: serviceId({ kind: 'scripted', name: 'scripted' }) },
  ])
  await world.runner.stop()
})

test('a service that fails while references come and go: what is seen counts, and what is not does not', async () => {
  const net = new Network()
  const { world, counted } = await watch({
    services: [net.reach('shop', () => false)],
    reference: net.reference(),
  })
  const dark: [number, number][] = []
  for (let step = 0; step < 40; step++) {
    net.isUp = step % 2 === 0
    if (!net.isUp) dark.push([step * 7 * SECOND, (step + 1) * 7 * SECOND])
    await world.clock.advance(7 * SECOND)
  }
  expect(counted.some(({ at }) => dark.some(([from, to]) => at > from && at < to))).toBe(false)
  expect(counted.length).toBeGreaterThan(10)
  const downtimes = await world.downtimes()
  expect(spans(downtimes)).toEqual([[0, null]])
  await world.runner.stop()
})

test('an hour of a network that comes and goes: every downtime is a real one, each is one, and nothing is vouched for unseen', async () => {
  const isDark = (at: number) =>
    at % (7 * MINUTE) > 5 * MINUTE + (Math.floor(at / (7 * MINUTE)) % 4) * 27 * SECOND
  const isOut = (at: number, index: number) => (at + index * 9_973) % (20 * MINUTE) < 90 * SECOND
  const services = Array.from({ length: 200 }, (_, index): Service => {
    // Slow enough that the network goes and comes back while checks are under way.
    const check: Service['check'] = async ({ clock }) => {
      const from = clock.monotonic()
      await new Promise<void>((resolve) => clock.timer(resolve, 100 * (index % 20)))
      for (let at = from; at <= clock.monotonic(); at += 100)
        if (isDark(at)) throw new Error('network is unreachable')
      if (isOut(from, index)) throw new Error('scripted failure')
    }
    return { kind: 'scripted', name: `s${index}`, check, timing: { attempts: 1 } }
  })
  const reference: Service = {
    kind: 'scripted',
    name: 'internet',
    check: async ({ clock }) => {
      if (isDark(clock.monotonic())) throw new Error('network is unreachable')
    },
  }
  const { world, blind, counted } = await watch({ services, reference })
  await world.clock.advance(60 * MINUTE)
  await world.runner.stop()
  expect(blind.filter(({ since }) => since !== null)).toHaveLength(8)
  const downtimes = await world.downtimes()
  const found = new Set<string>()
  const indexes = new Map(services.map((service, index) => [serviceId(service), index]))
  for (const { service, start } of downtimes) {
    const [at, index] = [start - START, indexes.get(service)!]
    expect(isOut(at, index) && !isDark(at), `s${index} at ${at}`).toBe(true)
    const outage = `${index} ${Math.floor((at + index * 9_973) / (20 * MINUTE))}`
    expect(found.has(outage), `s${index} is down twice in one outage`).toBe(false)
    found.add(outage)
  }
  expect(found.size).toBeGreaterThan(450)
  const gaps = new Set((await lostIn(world)).map((gap) => `${gap.service} ${spans([gap])}`))
  const before = new Map<string, number>()
  for (const { name, at } of counted) {
    const last = before.get(name) ?? at
    before.set(name, at)
    if (at - last <= 14 * SECOND) continue
    expect(gaps.has(`${serviceId({ kind: 'scripted', name })} ${last},${at}`), `${name} ${last}`).toBe(true)
  }
})

for (const end of ['stop', 'kill'] as const) {
  test(`${end} in the middle of blindness: nothing is vouched for, and nothing was down`, async () => {
    const net = new Network()
    const config = () => ({ services: [net.reach()], reference: net.reference(), consolidators: [] })
    const { world } = await watch(config())
    await world.clock.advance(MINUTE)
    net.isUp = false
    await world.clock.advance(MINUTE)
    if (end === 'stop') await world.runner.stop()
    const again = await world.restart(SECOND, config())
    await again.clock.advance(MINUTE)
    net.isUp = true
    await again.clock.advance(30 * SECOND)
    await again.runner.stop()
    expect(await again.downtimes()).toEqual([])
    const gaps = spans(await again.gaps()).filter(([start, end]) => end !== start)
    const [from] = gaps[0]!
    expect(from).toBeLessThanOrEqual(MINUTE)
    expect(from).toBeGreaterThanOrEqual(50 * SECOND)
    for (const [index, [start]] of gaps.slice(1).entries()) expect(start).toBe(gaps[index]![1])
    expect(gaps.at(-1)![1]).toBeGreaterThanOrEqual(3 * MINUTE)
  })
}

test('a clock that is set in the middle of blindness makes two runs, and no downtime', async () => {
  const net = new Network()
  const { world } = await watch({ services: [net.reach()], reference: net.reference() })
  await world.clock.advance(MINUTE)
  net.isUp = false
  await world.clock.advance(MINUTE)
  world.clock.jump(60 * MINUTE)
  await world.clock.advance(MINUTE)
  net.isUp = true
  await world.clock.advance(30 * SECOND)
  expect(await world.runs()).toHaveLength(2)
  expect(await world.downtimes()).toEqual([])
  const gaps = spans(await world.gaps()).filter(([start, end]) => end !== start)
  expect(gaps[0]![0]).toBeLessThanOrEqual(MINUTE)
  for (const [index, [start]] of gaps.slice(1).entries()) expect(start).toBe(gaps[index]![1])
  expect(gaps.at(-1)![1]).toBeGreaterThan(60 * MINUTE)
  expect(world.runner.status()).toMatchObject([{ status: 'up' }])
  await world.runner.stop()
})

test('a process that stood still while a reference was asked is not taken for blind', async () => {
  const reference = scriptedService({ acts: (n) => (n ? 'up' : 'hang'), timeout: '5s' })
  const { world, blind } = await watch({ services: [scriptedService({ acts: ['down'] })], reference })
  await world.clock.advance(SECOND)
  expect(reference.inFlight).toBe(1)
  await world.clock.stall(20 * SECOND)
  await world.clock.advance(10 * SECOND)
  expect(blind).toEqual([])
  expect(await world.downtimes()).toHaveLength(1)
  await world.runner.stop()
})

test('a state that is lost keeps what it was, for those who see it next', () => {
  const good = { ok: true, at: 9 }
  const failed = { ok: false, at: 9 }
  const soft = { status: 'soft', since: 1, failures: 2, streak: 5 } as const
  expect(advance(lose(soft), failed, 3)).toEqual({ status: 'soft', since: 1, failures: 1, streak: 9 })
  expect(advance(lose(restoredDown(5)), failed, 3)).toEqual(restoredDown(5))
  expect(advance(lose(lose(restoredDown(5))), good, 3)).toMatchObject({ status: 'up', since: 9 })
  expect(lose(UNKNOWN)).toEqual(UNKNOWN)
})

test('a service that goes, or is replaced, while its failure waits is not judged, and closed', async () => {
  const provider = scriptedProvider()
  const reference = scriptedService({ name: 'internet', acts: ['hang'], timeout: '5s' })
  const { world, counted } = await watch({ providers: [provider], reference })
  const gone = scriptedService({ name: 'gone', acts: ['down'] })
  const old = scriptedService({ name: 'kept', acts: ['down'] })
  provider.put(gone, old)
  await world.clock.advance(2 * SECOND)
  expect(reference.inFlight).toBe(1)
  provider.put(scriptedService({ name: 'kept' }))
  await world.clock.advance(MINUTE)
  expect([gone.closed, old.closed]).toEqual([1, 1])
  expect(world.heard('transition').map(({ service, to }) => `${service.name} ${to}`)).toEqual(['kept up'])
  expect(counted.every(({ ok }) => ok)).toBe(true)
  await world.runner.stop()
})

test('what is lost from sight and goes has its gap closed', async () => {
  const provider = scriptedProvider()
  const { world } = await watch({ providers: [provider], reference: scriptedService({ acts: ['down'] }) })
  provider.put(scriptedService({ name: 'gone', acts: ['down'] }))
  await world.clock.advance(MINUTE)
  provider.put()
  await world.clock.advance(MINUTE)
  expect(spans(await lostIn(world))).toEqual([[0, MINUTE]])
  await world.runner.stop()
})

test('a stop while failures wait for a reference judges none of them, and leaves nothing behind', async () => {
  const reference = scriptedService({ acts: ['hang'], timeout: '1h' })
  const { world } = await watch({ services: [scriptedService({ acts: ['down'] })], reference })
  await world.clock.advance(MINUTE)
  await world.runner.stop()
  expect([reference.inFlight, reference.closed]).toEqual([0, 1])
  expect(world.heard('transition')).toEqual([])
  expect(await world.downtimes()).toEqual([])
  expect(world.clock.pending).toBe(0)
})

test('what is wrong with a reference is shown with everything else', async () => {
  const reference = [{ kind: 'scripted', name: 'internet' }, [false, { ...scriptedService(), name: '' }]]
  const config = { reference, services: [scriptedService()] }
  await expect(resolveConfig(config)).rejects.toMatchObject({
    problems: [
      { path: 'reference[0]', expected: expect.stringMatching(/service/) },
      { path: 'reference[1][1] scripted · name' },
    ],
  })
  const { warnings } = await resolveConfig({ ...config, reference: scriptedService({ timeout: 500 }) })
  expect(warnings).toEqual([expect.stringMatching(/^reference scripted "scripted" · timeout: 500/)])
})
