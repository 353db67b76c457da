import { FakeClock } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { News } from '../src/kit/index.js'

const make = () => {
  const stop = new AbortController()
  return { stop, clock: new FakeClock(), news: new News(stop.signal) }
}

test('what was told before one waits is not missed, and told twice it is news once', async () => {
  const { news, clock } = make()
  news.tell()
  news.tell()
  await news.next()
  const waiting = news.nextWithin(clock, 1_000)
  await clock.advance(1_000)
  expect(await waiting).toBe(false)
})

test('one who waits for so long at most is woken by news, or by the clock', async () => {
  const { news, clock } = make()
  const first = news.nextWithin(clock, 1_000)
  await clock.advance(500)
  news.tell()
  expect(await first).toBe(true)
  const second = news.nextWithin(clock, 1_000)
  await clock.advance(999)
  news.tell()
  expect(await second).toBe(true)
})

test('a failure reaches whoever waits, and the first one counts', async () => {
  const { news } = make()
  const waiting = news.next()
  news.fail(new Error('first'))
  news.fail(new Error('second'))
  await expect(waiting).rejects.toThrow('first')
})

test('nobody waits beyond the signal, also one that was given before', async () => {
  const { news, stop } = make()
  const waiting = news.next()
  stop.abort()
  await waiting
  await new News(stop.signal).next()
})
