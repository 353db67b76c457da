import { serviceId } from '@uptimeserver/core'
import { expect, test, vi } from 'vitest'
import type { Ingress } from '../src/objects.js'
import type { IngressOptions } from '../src/options.js'
import { asLine, ingressOf, selectionFor, serving } from './support/objects.js'

const URL_OF_A = 'http://a.example/health'
const aged = (name: string, year: number, annotations: Record<string, string> = {}) =>
  serving('a.example', '/', { name, creationTimestamp: `${year}-01-01T00:00:00Z`, annotations })
const older = aged('z-older', 2020, { 'uptime.dev/category': 'theirs' })
const younger = aged('a-younger', 2026, { 'uptime.dev/category': 'mine', 'uptime.dev/expect-status': '5xx' })

test('of a URL that two objects have the older one holds: its labels, headers and annotations', () => {
  const headers = vi.fn<NonNullable<IngressOptions['headers']>>(() => ({}))
  for (const objects of [
    [older, younger],
    [younger, older],
  ]) {
    const { services, skipped } = selectionFor({ headers }).select(objects)
    expect(services.map(({ identity, category, labels }) => [identity, category, labels?.ingress])).toEqual([
      [URL_OF_A, 'theirs', 'z-older'],
    ])
    expect(skipped!.map(asLine)).toEqual([`shop/a-younger ${URL_OF_A}: shop/z-older has it`])
  }
})

test('of two that were made in the same second the first by namespace and name holds', () => {
  const twin = aged('y-older', 2020)
  const { services } = selectionFor().select([older, twin])
  expect(services[0]!.labels).toMatchObject({ ingress: 'y-older' })
})

test('a service that passes to another object goes on as the same one', () => {
  const selection = selectionFor()
  const [before] = selection.select([older, younger]).services
  const [after] = selection.select([younger]).services
  expect(serviceId(after!)).toBe(serviceId(before!))
  expect(after!.labels).toMatchObject({ ingress: 'a-younger' })
})

test('one that was given up is made anew when it comes back, because it may have been closed', () => {
  const selection = selectionFor()
  const [first] = selection.select([younger]).services
  selection.select([older, younger])
  const [again] = selection.select([younger]).services
  expect(again).not.toBe(first)
  expect(again!.labels).toEqual(first!.labels)
})

test("the config's functions are asked again when spec, labels or annotations change, and only then", () => {
  const exclude = vi.fn(() => false)
  const selection = selectionFor({ exclude })
  const asked = (metadata: Partial<Ingress['metadata']>) => {
    exclude.mockClear()
    const object = serving('a.example')
    selection.select([{ ...object, metadata: { ...object.metadata, ...metadata } }])
    return exclude.mock.calls.length
  }
  expect(asked({})).toBe(1)
  expect(asked({})).toBe(0)
  expect(asked({ resourceVersion: '2' })).toBe(0)
  expect(asked({ resourceVersion: '3', generation: 2 })).toBe(1)
  expect(asked({ resourceVersion: '4', generation: 2, labels: { a: 'b' } })).toBe(1)
  expect(asked({ resourceVersion: '5', generation: 2, labels: { a: 'b' }, annotations: { c: 'd' } })).toBe(1)
  expect(asked({ resourceVersion: '6', generation: 2, labels: { a: 'b' }, annotations: { c: 'd' } })).toBe(0)
})

test('an object that is the very one of before is not read again: one change among thousands costs little', () => {
  const read = vi.fn(() => ({}))
  const object = serving('a.example')
  Object.defineProperty(object.metadata, 'annotations', { get: read })
  const selection = selectionFor()
  selection.select([object])
  expect(read).toHaveBeenCalled()
  read.mockClear()
  selection.select([object, serving('b.example')])
  expect(read).not.toHaveBeenCalled()
})

test('an object that has gone is forgotten', () => {
  const selection = selectionFor()
  expect(selection.select([older, serving('b.example')]).services).toHaveLength(2)
  expect(selection.select([]).services).toEqual([])
})

test('a service stays the object that it is while its own Ingress does, whatever comes and goes beside it', () => {
  const selection = selectionFor()
  const [before] = selection.select([older]).services
  const others = Array.from({ length: 50 }, (_, n) => serving(`${n}.b.example`, '/', { name: `other-${n}` }))
  const among = selection.select([...others, older]).services
  expect(among).toHaveLength(51)
  expect(among.find(({ identity }) => identity === URL_OF_A)).toBe(before)
  expect(selection.select([older, ingressOf({}, { name: 'empty' })]).services[0]).toBe(before)
})
