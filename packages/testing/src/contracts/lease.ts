import assert from 'node:assert/strict'
import type { Lease, LeaseStore } from '@uptimeserver/core'
import { type Cases, registerCases, type TestFunction } from './contract.js'
import { T0 } from './facts.js'

/** A place where leases are kept, none of them written yet. */
export interface LeaseFixture {
  /** A store of the lease of this monitor. Called several times: all of one monitor hold the same lease. */
  create(monitor: string): LeaseStore | Promise<LeaseStore>
  dispose?(): unknown
}

/**
 * The promises every lease store keeps.
 *
 * @example
 * leaseContract(test, () => {
 *   const folder = randomUUID()
 *   return { create: (monitor) => fileLeases(join(folder, monitor)) }
 * })
 */
export function leaseContract(test: TestFunction, setup: () => LeaseFixture | Promise<LeaseFixture>): void {
  registerCases(test, LEASE_CASES, setup)
}

/** How many want one lease at the same time. */
const CROWD = 20

const LEASE: Lease = { holder: 'host-a/42', term: 1, acquired: T0, renewed: T0 + 1, duration: 15_000 }
const renewed = (ms: number): Lease => ({ ...LEASE, renewed: T0 + ms })

/** The same of all of them. */
export const LEASE_CASES: Cases<LeaseFixture> = {
  'a lease that was never written reads as nothing': async ({ create }) => {
    const leases = await create('default')
    assert.equal(await leases.read(), undefined)
    assert.equal(await leases.read(), undefined)
  },

  'a lease that was never written is not written over': async ({ create }) => {
    const [other, leases] = [await create('other'), await create('default')]
    const token = await other.write(LEASE, undefined)
    assert.equal(await leases.write(LEASE, token), undefined)
    assert.equal(await leases.read(), undefined)
  },

  'the first write makes a lease, and a second first one does not': async ({ create }) => {
    const leases = await create('default')
    const token = await leases.write(LEASE, undefined)
    assert.ok(token)
    assert.equal(await leases.write({ ...LEASE, holder: 'b' }, undefined), undefined)
    assert.deepEqual(await leases.read(), { lease: LEASE, token })
  },

  'a lease is written over what was read, and over nothing older': async ({ create }) => {
    const leases = await create('default')
    const first = await leases.write(LEASE, undefined)
    const second = await leases.write(renewed(2_000), first)
    assert.ok(second)
    for (const token of [first, undefined])
      assert.equal(await leases.write({ ...LEASE, holder: 'b', term: 2 }, token), undefined)
    assert.deepEqual(await leases.read(), { lease: renewed(2_000), token: second })
    assert.ok(await leases.write(renewed(4_000), second))
  },

  'each write has a token of its own, whatever it says': async ({ create }) => {
    const leases = await create('default')
    const tokens = [await leases.write(LEASE, undefined)]
    for (const lease of [renewed(2_000), LEASE, LEASE, LEASE])
      tokens.push(await leases.write(lease, tokens.at(-1)))
    assert.ok(tokens.every(Boolean))
    assert.equal(new Set(tokens).size, tokens.length)
    assert.equal((await leases.read())?.token, tokens.at(-1))
  },

  'every word of a lease survives': async ({ create }) => {
    const leases = await create('default')
    const holder = `host a/1/2/"O'Hara" $where.{'a'} ☃ 店`
    const full = { holder, term: 123_456, acquired: T0 + 123, renewed: T0 + 86_400_456, duration: 3_600_000 }
    const token = await leases.write(full, undefined)
    assert.deepEqual(await leases.read(), { lease: full, token })
  },

  'a lease that was given back is nobody’s, keeps its term, and can be taken': async ({ create }) => {
    const [one, other] = [await create('default'), await create('default')]
    const token = await one.write({ ...LEASE, term: 7 }, undefined)
    await one.write({ ...renewed(2_000), term: 7, holder: null }, token)
    const found = await other.read()
    assert.deepEqual(found?.lease, { ...renewed(2_000), term: 7, holder: null })
    const taken = { ...renewed(3_000), term: 8, holder: 'b' }
    assert.ok(await other.write(taken, found.token))
    assert.deepEqual((await one.read())?.lease, taken)
  },

  [`of ${CROWD} that want a lease at the same time, exactly one gets it`]: async ({ create }) => {
    const stores = [await create('default'), await create('default')]
    let last: string | undefined
    for (const term of [1, 2, 3]) {
      const crowd = Array.from({ length: CROWD }, (_, n) => ({ ...LEASE, term, holder: `h${n}` }))
      const tokens = await Promise.all(crowd.map((lease, n) => stores[n % stores.length]!.write(lease, last)))
      assert.equal(tokens.filter(Boolean).length, 1)
      const winner = tokens.findIndex(Boolean)
      last = tokens[winner]
      for (const store of stores) assert.deepEqual(await store.read(), { lease: crowd[winner], token: last })
    }
  },

  'the leases of two monitors have nothing to do with each other': async ({ create }) => {
    const [one, other] = [await create('default'), await create('other')]
    const token = await one.write(LEASE, undefined)
    assert.equal(await other.read(), undefined)
    assert.ok(await other.write({ ...LEASE, holder: 'b', term: 9 }, undefined))
    assert.deepEqual(await one.read(), { lease: LEASE, token })
  },
}
