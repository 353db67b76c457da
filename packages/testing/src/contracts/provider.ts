import assert from 'node:assert/strict'
import { type Discovery, type Provider, serviceId, systemClock, within } from '@uptimeserver/core'
import { quietContext } from './context.js'
import { type Cases, registerCases, type TestFunction } from './contract.js'

export interface ProviderFixture {
  /** Makes a provider that discovers at least one service. Called several times. */
  create(): Provider
  /** How long it may take to its first set, in ms. Default 10,000. */
  readonly patience?: number
  dispose?(): unknown
}

const PROMPT = 2_000

/**
 * The promises every provider keeps.
 *
 * @example
 * providerContract(test, () => ({ create: () => files({ name: 'files', path: 'services/*.yaml' }) }))
 */
export function providerContract(
  test: TestFunction,
  setup: () => ProviderFixture | Promise<ProviderFixture>,
): void {
  registerCases(test, CASES, setup)
}

const CASES: Cases<ProviderFixture> = {
  'it has a name and no problems': async ({ create }) => {
    const provider = create()
    assert.deepEqual(provider.problems ?? [], [])
    assert.match(provider.name, /\S/)
  },

  'a set holds services that can be checked, each once': async (fixture) => {
    const { services, skipped = [] } = await firstSet(fixture)
    assert.ok(services.length > 0, 'at least one service is discovered')
    for (const service of services) {
      assert.deepEqual(service.problems ?? [], [])
      assert.equal(typeof service.check, 'function')
      assert.ok(service.kind && service.name, 'each has a kind and a name')
    }
    assert.equal(new Set(services.map(serviceId)).size, services.length, 'no service comes twice')
    for (const { what, reason } of skipped) assert.ok(what && reason, 'what is skipped has a reason')
  },

  'starting it again gives the same set': async (fixture) => {
    const ids = async () => (await firstSet(fixture)).services.map(serviceId).sort()
    assert.deepEqual(await ids(), await ids())
  },

  'it ends when its signal says so': async ({ create, patience }) => {
    const stop = new AbortController()
    const sets = create().discover(quietContext(stop.signal))[Symbol.asyncIterator]()
    await inTime(sets.next(), patience)
    const waiting = Promise.resolve(sets.next()).then(
      () => 'ended',
      () => 'ended',
    )
    stop.abort(new Error('stopped'))
    assert.equal(
      await within(systemClock, waiting, PROMPT),
      'ended',
      `still waiting ${PROMPT} ms after the signal`,
    )
  },

  'a reader that turns away ends it': async ({ create, patience }) => {
    const sets = create().discover(quietContext())[Symbol.asyncIterator]()
    await inTime(sets.next(), patience)
    const end = Promise.resolve(sets.return?.()).then(() => 'ended')
    assert.equal(await within(systemClock, end, PROMPT), 'ended')
  },
}

async function firstSet({ create, patience }: ProviderFixture): Promise<Discovery> {
  const stop = new AbortController()
  const sets = create().discover(quietContext(stop.signal))[Symbol.asyncIterator]()
  const first = await inTime(sets.next(), patience)
  stop.abort(new Error('seen enough'))
  await within(systemClock, Promise.resolve(sets.return?.()), PROMPT)
  return first.value as Discovery
}

async function inTime<T>(promise: Promise<T>, patience = 10_000): Promise<T> {
  const result = await within(systemClock, promise, patience)
  if (result === undefined) throw new assert.AssertionError({ message: `no set within ${patience} ms` })
  return result
}
