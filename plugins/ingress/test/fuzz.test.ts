import { type Discovery, serviceId } from '@uptimeserver/core'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Ingress } from '../src/objects.js'
import type { IngressOptions } from '../src/options.js'
import { dueOf, foundOf, spotsOf, urlsOf } from './support/account.js'
import { selectionFor } from './support/objects.js'
import { objectFrom, type Strange, strange } from './support/strange.js'

vi.setConfig({ testTimeout: 180_000 })

/** So many objects in a cluster, and so many clusters. */
const [OBJECTS, CLUSTERS] = [100, 100]

/** How a config may look at them; none of it must let one be lost. */
const OPTIONS: readonly IngressOptions[] = [
  {},
  { health: false },
  { health: '/healthz', scheme: 'https' },
  { exclude: (url) => url.includes('shop'), allow: ['*.example', '127.0.0.0/8'] },
  { health: (url) => (url.length % 2 ? `${url}?ok` : undefined), category: 'shop' },
  {
    headers: (url) => (url.includes('b.example') ? fail(url) : { apikey: 'x' }),
    options: (url) => (url.includes('healthz') ? { every: 0 } : { timeout: '1s' }),
  },
]

function fail(url: string): never {
  throw new Error(`no key for ${url}`)
}

function expectAccounted(object: Ingress, made: Strange, set: Discovery, urls: ReadonlySet<string>) {
  const { services, left } = foundOf(object, set)
  expect(services.length + left.length, JSON.stringify(object)).toBe(dueOf(made))
  if (made.annotations['uptime.dev/skip'] === 'true') return
  const { spots, others } = spotsOf(object)
  for (const spot of spots) {
    const isThere = urlsOf(spot, object).some((url) => urls.has(url) || left.includes(url))
    expect(isThere || left.includes(`${spot.host}${spot.path}`), JSON.stringify([spot, object])).toBe(true)
  }
  expect(left).toEqual(expect.arrayContaining(others))
}

/** Services are known by their URL, are sound, come once, and lead to a host that their object names. */
function expectSound({ services }: Discovery) {
  for (const { identity, problems, labels } of services) {
    expect(problems, identity).toBeUndefined()
    expect(new URL(identity!).host).toBe(new URL(`http://${labels!.host}`).host)
  }
  expect(new Set(services.map(serviceId)).size).toBe(services.length)
}

/** The very same objects, in the same order. */
function expectSame(set: Discovery, before: Discovery) {
  expect(set.services).toHaveLength(before.services.length)
  expect(set.services.every((service, index) => service === before.services[index])).toBe(true)
  expect(set.skipped).toEqual(before.skipped)
}

test('of 10,000 strange Ingresses nothing is lost and nothing comes twice, in whichever order they are seen', () => {
  const clusters = fc.array(strange, { minLength: OBJECTS, maxLength: OBJECTS })
  const order = fc.array(fc.nat(), { minLength: OBJECTS, maxLength: OBJECTS })
  const count = { services: 0, skipped: 0 }
  fc.assert(
    fc.property(clusters, fc.constantFrom(...OPTIONS), order, (made, options, places) => {
      const objects = made.map(objectFrom)
      const selection = selectionFor(options)
      const set = selection.select(objects)
      const urls = new Set(set.services.map(({ identity }) => identity!))
      for (const [index, object] of objects.entries()) expectAccounted(object, made[index]!, set, urls)
      expectSound(set)
      expectSame(selection.select(objects), set)
      const placeOf = new Map(objects.map((object, index) => [object, places[index]!]))
      expectSame(selection.select(objects.toSorted((a, b) => placeOf.get(a)! - placeOf.get(b)!)), set)
      count.services += set.services.length
      count.skipped += set.skipped!.length
    }),
    { numRuns: CLUSTERS },
  )
  expect(count.services).toBeGreaterThan(10_000)
  expect(count.skipped).toBeGreaterThan(10_000)
})
