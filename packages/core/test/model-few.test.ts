import { afterEach, expect, test, vi } from 'vitest'
import { JournalFile } from '../src/journal/journal-file.js'
import { Pulse } from '../src/monitor/pulse.js'
import { SEEDS, STEPS, simulate } from './model/simulate.js'
import type { Defect } from './model/way.js'

afterEach(() => void vi.restoreAllMocks())

/** One or two instances; every fourth time with clocks that are hours apart and are set. */
const few = (index: number) => ({
  steps: STEPS,
  instances: 1 + (index % 2),
  services: 50,
  skewed: index % 4 === 3,
})

test('scripts of faults for one or two: after each recovery the record says what the checks saw', async () => {
  const { judged, vouched } = await simulate(SEEDS, few)
  expect(judged).toBeGreaterThan(SEEDS)
  expect(vouched).toBeGreaterThan(STEPS)
}, 1_200_000)

/** Scripts that are short and many, until one of them is found out. */
const search = (instances: number, defect?: Defect) =>
  simulate(120, () => ({ steps: 20_000, instances, services: 50, skewed: false, ...(defect && { defect }) }))

test('it bites: open downtimes that are not restored', () =>
  expect(search(1, 'open downtimes are not restored')).rejects.toThrow())

test('it bites: facts that get new ids when they are tried again', () =>
  expect(search(1, 'facts get new ids when they are tried again')).rejects.toThrow())

test('it bites: writers that nothing fences', () => expect(search(3, 'nothing fences')).rejects.toThrow())

test('it bites: a record that was lost is written to', () =>
  expect(search(1, 'a record that was lost is written to')).rejects.toThrow())

test('it bites: time in which the process stood still and that is vouched for', async () => {
  vi.spyOn(Pulse.prototype, 'look').mockImplementation(() => undefined)
  await expect(search(1)).rejects.toThrow()
})

test('it bites: what is told before it is safe', async () => {
  vi.spyOn(JournalFile.prototype, 'append').mockResolvedValue()
  await expect(search(1)).rejects.toThrow(/is lost/)
})
