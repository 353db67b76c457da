import { FakeClock, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import type { Service } from '../src/index.js'
import { World } from './support/world.js'

/** A service written by somebody who did not read the guide. */
const bad = (check: () => unknown): Service => ({
  kind: 'bad',
  name: 'bad',
  check: check as Service['check'],
})

/** What becomes of a bad service, beside a good one that must not notice. */
async function fate(check: () => unknown, advance = 30_000) {
  const good = scriptedService({ name: 'good' })
  const world = await new World({ services: [bad(check), good] }).start()
  await world.clock.advance(advance)
  const [status] = world.runner.status()
  expect(world.moves('good')).toEqual(['unknown→up'])
  expect(good.calls).toBeGreaterThanOrEqual(Math.floor(advance / 10_000))
  await world.runner.stop()
  expect(world.clock.pending).toBe(0)
  return { status: status!.status, message: status!.message, world }
}

test('a check that throws at once is down, with its reason', async () => {
  const throwing = () => {
    throw new Error('not even a promise')
  }
  expect(await fate(throwing)).toMatchObject({ status: 'down', message: 'not even a promise' })
})

test('a check that returns what is no promise is taken at its word', async () => {
  expect(await fate(() => undefined)).toMatchObject({ status: 'up' })
  expect(await fate(() => ({ status: 200 }))).toMatchObject({ status: 'up' })
})

for (const [what, value] of [
  ['false', false],
  ['a number', 42],
  ['a text', 'fine'],
  ['a list', [1, 2]],
  ['a date', new Date(0)],
] as const) {
  test(`a check that returns ${what} is down: that is no verdict`, async () => {
    expect(await fate(() => value)).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/^the check returned .* expected nothing or a detail object/),
    })
  })
}

for (const [what, thrown, message] of [
  ['a text', 'plain', 'plain'],
  ['nothing', undefined, 'undefined'],
  ['an object', { code: 7 }, '{"code":7}'],
  ['an error without a message', new TypeError(), 'TypeError'],
  ['many lines and colours', new Error('one\ntwo\u001b[31mred\u0007'), 'one two [31mred'],
  ['several errors', new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
] as const) {
  test(`a check that throws ${what} is down with a line that can be printed`, async () => {
    expect(await fate(() => Promise.reject(thrown))).toMatchObject({ status: 'down', message })
  })
}

test('an error that cannot be read is still a failure', async () => {
  const hostile = new Proxy(new Error('x'), {
    get() {
      throw new Error('gotcha')
    },
  })
  expect((await fate(() => Promise.reject(hostile))).status).toBe('down')
})

test('a reason of a megabyte is cut', async () => {
  const { message } = await fate(() => Promise.reject(new Error('x'.repeat(1_000_000))))
  expect(message!.length).toBe(500)
})

test('a detail of a megabyte is kept to one KiB, whole fields first', async () => {
  const error = Object.assign(new Error('big'), {
    detail: { code: 7, body: 'x'.repeat(1_000_000), after: 'fits' },
  })
  const { world } = await fate(() => Promise.reject(error))
  expect((await world.downtimes())[0]!.detail).toEqual({ code: 7, after: 'fits' })
})

test('a detail that cannot be JSON harms nobody', async () => {
  const circle: Record<string, unknown> = { fine: 1, big: 10n, call: () => 1 }
  circle.self = circle
  const { world } = await fate(() => Promise.reject(Object.assign(new Error('odd'), { detail: circle })))
  expect((await world.downtimes())[0]!.detail).toEqual({ fine: 1, big: '10' })
})

test('a check that never ends and ignores its signal is down, and is called once at a time', async () => {
  const stuck = scriptedService({ name: 'stuck', acts: ['ignore'], timeout: '1s' })
  const world = await new World({ services: [stuck] }).start()
  await world.clock.advance(9_000)
  expect(world.runner.status()[0]).toMatchObject({
    status: 'down',
    message: 'an earlier check ignored its signal and is still running',
  })
  expect(stuck.calls).toBe(1)
  await world.runner.stop()
})

test('a check that was stuck is written off after ten deadlines, so that its service can come back', async () => {
  const stuck = scriptedService({ name: 'stuck', acts: ['ignore', 'up'], timeout: '1s' })
  const world = await new World({ services: [stuck] }).start()
  await world.clock.advance(30_000)
  expect(stuck.calls).toBeGreaterThanOrEqual(2)
  expect(world.moves('stuck')).toEqual(['unknown→soft', 'soft→down', 'down→up'])
  await world.runner.stop()
})

test('a stuck check that ends after all frees its service at once, and its late result is dropped', async () => {
  let release: (value: undefined) => void = () => undefined
  let calls = 0
  const world = await new World({
    timeout: '1s',
    services: [
      bad(() =>
        calls++ === 0 ? new Promise((resolve) => (release = resolve)) : Promise.reject(new Error('no')),
      ),
    ],
  }).start()
  await world.clock.advance(1_500)
  release(undefined)
  await world.clock.advance(5_000)
  expect(world.moves('bad')).toEqual(['unknown→soft', 'soft→down'])
  expect(calls).toBe(3)
  await world.runner.stop()
})

test('a result that comes after its deadline is a timeout', async () => {
  const clock = new FakeClock()
  const late = () => new Promise((resolve) => clock.timer(() => resolve({ status: 200 }), 1_010))
  const world = await new World({ services: [bad(late)], timeout: '1s' }, { clock }).start()
  await clock.advance(8_000)
  expect(world.runner.status()[0]).toMatchObject({ status: 'down', message: 'timeout after 1s' })
  await world.runner.stop()
})

test('what a plugin says at its deadline is the reason', async () => {
  const check: Service['check'] = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`${signal.reason.message} while knocking`)))
    })
  const world = await new World({ services: [{ kind: 'door', name: 'bad', check }], timeout: '1s' }).start()
  await world.clock.advance(8_000)
  expect(world.runner.status()[0]!.message).toBe('timeout after 1s while knocking')
  await world.runner.stop()
})

test('a check that keeps the loop to itself is named', async () => {
  const good = scriptedService({ name: 'good', every: '1s' })
  const clock = new FakeClock()
  const hog = bad(() => {
    void clock.stall(3_000)
  })
  const world = await new World({ services: [hog, good] }, { clock }).start()
  await clock.advance(9_000)
  const [blocked] = world.heard('blocked')
  expect(blocked).toMatchObject({ certain: true, suspects: ['bad "bad"'] })
  expect(blocked!.ms).toBeGreaterThan(2_500)
  await world.runner.stop()
})

test('a listener that throws is told to error and disturbs nobody', async () => {
  const world = new World({ services: [scriptedService({ acts: ['down'] })] })
  world.runner.on('transition', () => {
    throw new Error('my pager is broken')
  })
  world.runner.on('transition', async () => {
    throw new Error('mine too')
  })
  await world.start()
  await world.clock.advance(10_000)
  expect(world.moves()).toEqual(['unknown→soft', 'soft→down'])
  const codes = world.heard('error').map(({ error }) => error.code)
  expect(codes).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED', 'LISTENER_FAILED', 'LISTENER_FAILED'])
  await world.runner.stop()
})

test('a listener of error that throws makes no loop', async () => {
  const world = new World({ services: [scriptedService({ acts: ['down'] })] })
  world.runner.on('error', () => {
    throw new Error('even this one')
  })
  world.runner.on('transition', () => {
    throw new Error('x')
  })
  await world.start()
  await world.clock.advance(10_000)
  await world.runner.stop()
})

test('a service that fails to close is told, and the end goes on', async () => {
  const service: Service = {
    ...bad(() => undefined),
    close() {
      throw new Error('stuck drawer')
    },
  }
  const world = await new World({ services: [service] }).start()
  await world.clock.advance(100)
  await world.runner.stop()
  expect(world.heard('error').map(({ error }) => error.message)).toEqual([
    'bad "bad" failed to close: stuck drawer',
  ])
})

test('a detail that bites when it is read harms nobody', async () => {
  const biting = {
    get code() {
      throw new Error('bite')
    },
  }
  await fate(() => Promise.reject(Object.assign(new Error('odd'), { detail: biting })))
  const traps = { getPrototypeOf: () => JSON.parse('no JSON') }
  expect(await fate(() => new Proxy({}, traps))).toMatchObject({ status: 'down' })
  expect(await fate(() => ({ count: 10n }))).toMatchObject({ status: 'up' })
})

test('services that bite do not use up the slots', async () => {
  const detail = Object.defineProperty({}, 'code', { enumerable: true, get: () => JSON.parse('no JSON') })
  const biters = ['a', 'b'].map((name) => ({
    ...bad(() => Promise.reject(Object.assign(new Error('odd'), { detail }))),
    name,
  }))
  const good = scriptedService({ name: 'good' })
  const world = await new World({ concurrency: 2, services: [...biters, good] }).start()
  await world.clock.advance(60_000)
  expect(good.calls).toBeGreaterThanOrEqual(6)
  await world.runner.stop()
})

test('a check that blocks the loop for longer than a run may stand still is named and goes down', async () => {
  const clock = new FakeClock()
  const good = scriptedService({ name: 'good' })
  const blocking = bad(() => void clock.stall(11_000))
  const world = await new World({ services: [blocking, good], every: '20s' }, { clock }).start()
  await clock.advance(120_000)
  const [first] = world.heard('blocked')
  expect(first).toMatchObject({ suspects: ['bad "bad"'], certain: true })
  expect(first!.ms).toBeGreaterThan(10_000)
  expect(world.moves('bad')).toEqual(['unknown→soft', 'soft→down'])
  expect(world.moves('good')).toEqual(['unknown→up'])
  expect(good.calls).toBeGreaterThan(3)
  await world.runner.stop()
})
