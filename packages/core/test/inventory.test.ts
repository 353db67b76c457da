import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Service } from '../src/index.js'
import { Inventory } from '../src/monitor/inventory.js'

const SOURCES = ['config', 'one', 'two'] as const
const service = (name: string): Service => ({ kind: 'test', name, check: async () => undefined })

/** The oracle: keeps every source's set and answers each question from scratch. */
class Oracle {
  readonly sets = new Map<string, Map<string, Service | null>>(SOURCES.map((source) => [source, new Map()]))

  /** An object that its source drops stays while another source only remembers the service. */
  replace(source: string, set: Map<string, Service>): void {
    const before = this.held()
    this.sets.set(source, set)
    const after = this.held()
    for (const [id, { service }] of before) {
      const rememberer = SOURCES.find((name) => this.sets.get(name)!.has(id))
      if (!after.has(id) && rememberer) this.sets.get(rememberer)!.set(id, service)
    }
  }

  known(): Set<string> {
    return new Set([...this.sets.values()].flatMap((set) => [...set.keys()]))
  }

  held(): Map<string, { service: Service; sources: string[] }> {
    const held = new Map<string, { service: Service; sources: string[] }>()
    for (const id of this.known()) {
      const sources = SOURCES.filter((source) => this.sets.get(source)!.has(id))
      const found = sources.map((source) => this.sets.get(source)!.get(id)).find(Boolean)
      if (found) held.set(id, { service: found, sources })
    }
    return held
  }
}

const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 })
const step = fc.record({ source: fc.constantFrom(...SOURCES), ids, fresh: fc.boolean() })
const memory = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  sources: fc.subarray([...SOURCES, 'gone'], { minLength: 1 }),
})

test('merging and diffing agree with an oracle that starts from scratch each time', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(memory, { selector: ({ id }) => id, maxLength: 4 }),
      fc.array(step, { maxLength: 25 }),
      (remembered, steps) => {
        const inventory = new Inventory(SOURCES)
        const oracle = new Oracle()
        inventory.restore(remembered)
        for (const { id, sources } of remembered) {
          const own = sources.filter((source) => oracle.sets.has(source))
          for (const source of own.length ? own : SOURCES) oracle.sets.get(source)!.set(id, null)
        }
        const objects = new Map<string, Service>()
        for (const { source, ids, fresh } of steps) {
          const before = { held: oracle.held(), known: oracle.known() }
          const set = new Map(
            ids.map((id) => {
              const key = `${source}/${id}`
              if (fresh || !objects.has(key)) objects.set(key, service(id))
              return [id, objects.get(key)!]
            }),
          )
          oracle.replace(source, set)
          const change = inventory.replace(source, set)
          const after = { held: oracle.held(), known: oracle.known() }

          expect(
            new Map(
              inventory.held().map(({ id, service, sources }) => [id, { service, sources: [...sources] }]),
            ),
          ).toEqual(after.held)
          const sorted = (list: readonly { id: string }[]) => list.map(({ id }) => id).sort()
          expect(sorted(change.added)).toEqual(
            [...after.held.keys()].filter((id) => !before.held.has(id)).sort(),
          )
          expect([...change.removed].sort()).toEqual(
            [...before.known].filter((id) => !after.known.has(id)).sort(),
          )
          expect(sorted(change.changed)).toEqual(
            [...after.held]
              .filter(([id, { service, sources }]) => {
                const old = before.held.get(id)
                return old && (old.service !== service || old.sources.join() !== sources.join())
              })
              .map(([id]) => id)
              .sort(),
          )
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('the same set again changes nothing', () => {
  const inventory = new Inventory(SOURCES)
  const set = new Map([['a', service('a')]])
  inventory.replace('one', set)
  expect(inventory.replace('one', new Map(set))).toEqual({ added: [], changed: [], removed: [] })
})
