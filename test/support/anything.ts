import type { Event } from '@uptimeserver/core'
import fc from 'fast-check'

const T0 = Date.UTC(2026, 0, 1)

const KINDS = ['down', 'up', 'gap', 'added', 'removed', 'changed', 'agreed', 'word', 'alive'] as const

/** Facts of two services and a few ids, in any order, with repetitions. */
const raw = fc.array(
  fc.array(
    fc.record({
      type: fc.constantFrom(...KINDS),
      n: fc.integer({ min: 0, max: 5 }),
      other: fc.integer({ min: 0, max: 5 }),
      who: fc.constantFrom('a', 'b'),
      at: fc.integer({ min: 0, max: 50 }),
      open: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  { minLength: 1, maxLength: 8 },
)
interface Raw {
  readonly type: (typeof KINDS)[number]
  readonly n: number
  readonly other: number
  readonly who: string
  readonly at: number
  readonly open: boolean
}

/** @param now when it is said; services come and go in the order in which that is told */
function eventOf({ type, n, other, who, at: offset, open }: Raw, now: number): Event {
  const at = T0 + offset
  const service = { id: who, kind: 'x', name: `${who}${n}`, sources: ['config'] }
  switch (type) {
    case 'down':
      return { type, id: `d${n}`, at, run: `r${other % 2}`, service: who, start: at, reason: 'x' }
    case 'up':
      return { type, id: `u${n}`, at, service: who, downtime: `d${other}`, end: at, reason: 'recovered' }
    case 'gap':
      return {
        type,
        id: `g${n}`,
        at,
        service: who,
        start: T0 + other,
        end: open ? null : at + 10,
        reason: 'x',
      }
    case 'added':
      return { type: 'service-added', id: `a${n}`, at: now, service }
    case 'changed':
      return { type: 'service-changed', id: `c${n}`, at: now, service }
    case 'removed':
      return { type: 'service-removed', id: `x${n}`, at: now, service: who }
    case 'agreed':
      return {
        type: 'maintenance',
        id: `m${n}`,
        at,
        window: `w${other % 2}`,
        start: at,
        end: open ? null : at + 5,
        reason: `${n}`,
      }
    case 'word':
      return {
        type: 'correction',
        id: `k${n}`,
        at,
        downtime: `d${other}`,
        exclude: open,
        reason: 'x',
        author: 'y',
      }
    default:
      return { type: 'alive', id: `l${n}-${other % 2}`, at, run: `r${other % 2}`, start: T0 }
  }
}

/** Batches of anything that may be said. */
export const anything: fc.Arbitrary<Event[][]> = raw.map((batches) =>
  batches.map((batch, i) => batch.map((said, j) => eventOf(said, T0 + 100 * i + j))),
)
