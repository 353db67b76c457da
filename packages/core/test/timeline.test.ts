import { FakeClock } from '@uptimeserver/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Task, Timeline } from '../src/monitor/timeline.js'

class Note implements Task {
  at = 0
  place = -1
  constructor(
    readonly name: number,
    readonly onRun: (note: Note, now: number) => void,
  ) {}
  run(now: number): void {
    this.onRun(this, now)
  }
}

const command = fc.record({
  task: fc.integer({ min: 0, max: 9 }),
  what: fc.constantFrom('set', 'set', 'set', 'cancel', 'advance'),
  ms: fc.integer({ min: 0, max: 100 }),
})

test('everything happens at its time and in its order, whatever is moved and cancelled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const clock = new FakeClock()
      const ran: [number, number][] = []
      const expected: [number, number][] = []
      const timeline = new Timeline(clock, (error) => expect.fail(String(error)))
      const notes = Array.from(
        { length: 10 },
        (_, name) => new Note(name, (note, now) => ran.push([note.name, now])),
      )
      const due = new Map<number, number>()
      for (const { task, what, ms } of commands) {
        if (what === 'set') {
          timeline.set(notes[task]!, clock.monotonic() + ms)
          due.set(task, clock.monotonic() + ms)
        } else if (what === 'cancel') {
          timeline.cancel(notes[task]!)
          due.delete(task)
        } else {
          const end = clock.monotonic() + ms
          for (const [name, at] of [...due].filter(([, at]) => at <= end)) {
            expected.push([name, at])
            due.delete(name)
          }
          await clock.advance(ms)
        }
        const byTime = (a: [number, number], b: [number, number]) => a[1] - b[1] || a[0] - b[0]
        expect([...ran].sort(byTime)).toEqual([...expected].sort(byTime))
        expect(ran.map(([, at]) => at)).toEqual(ran.map(([, at]) => at).sort((a, b) => a - b))
        expect(clock.pending).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 200 },
  )
})

test('a task that throws is told and keeps no other from running', async () => {
  const clock = new FakeClock()
  const errors: unknown[] = []
  const timeline = new Timeline(clock, (error) => errors.push(error))
  let ran = false
  timeline.set(
    new Note(1, () => {
      throw new Error('no')
    }),
    5,
  )
  timeline.set(
    new Note(2, () => {
      ran = true
    }),
    5,
  )
  await clock.advance(5)
  expect(errors).toHaveLength(1)
  expect(ran).toBe(true)
})

test('a task further away than a timer can hold still comes', async () => {
  const clock = new FakeClock()
  const timeline = new Timeline(clock, () => undefined)
  let ranAt = 0
  timeline.set(
    new Note(1, (_, now) => {
      ranAt = now
    }),
    60 * 86_400_000,
  )
  await clock.advance(61 * 86_400_000)
  expect(ranAt).toBe(60 * 86_400_000)
})
