import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { FakeClock } from '@uptimeserver/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  backoff,
  createTimingResolver,
  formatDuration,
  parseDuration,
  secret,
  sleep,
  within,
  withoutUserinfo,
} from '../src/index.js'

test('durations are read', () => {
  expect(parseDuration('2y')).toBe(2 * 365 * 86_400_000)
  const cases = {
    '500ms': 500,
    '5s': 5_000,
    '1.5s': 1_500,
    '10m': 600_000,
    '2h': 7_200_000,
    '1d': 86_400_000,
    '0s': 0,
  }
  for (const [text, ms] of Object.entries(cases)) expect(parseDuration(text)).toBe(ms)
  expect(parseDuration(250)).toBe(250)
  for (const bad of [
    '',
    '5',
    '5 s',
    's',
    '-5s',
    '1h30m',
    '5S',
    'often',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
    [5],
  ]) {
    expect(parseDuration(bad)).toBeUndefined()
  }
})

test('durations are shown as people read them, never rounded up', () => {
  const cases = [
    [0, '0s'],
    [999, '999ms'],
    [1_000, '1s'],
    [2_590, '2.5s'],
    [59_999, '59.9s'],
    [60_000, '1m'],
    [200_000, '3m 20s'],
    [3_599_999, '59m 59s'],
    [14_700_000, '4h 5m'],
    [86_400_000, '1d'],
    [1_047_600_000, '12d 3h'],
  ] as const
  for (const [ms, text] of cases) expect(formatDuration(ms)).toBe(text)
})

test('a whole duration survives being shown and read', () => {
  const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 23 }), unit, (count, name) => {
      expect(parseDuration(formatDuration(parseDuration(`${count}${name}`)!))).toBe(
        parseDuration(`${count}${name}`),
      )
    }),
  )
})

test('a secret prints as *** wherever it ends up', () => {
  const hidden = secret('hunter2')
  const shown = [
    `${hidden}`,
    String(hidden),
    JSON.stringify({ hidden }),
    inspect({ deep: [hidden] }),
    inspect(hidden, { showHidden: true }),
  ]
  for (const text of shown) expect(text).not.toContain('hunter2')
  for (const text of shown) expect(text).toContain('***')
  expect(Object.keys(hidden)).toEqual([])
  expect(hidden.reveal()).toBe('hunter2')
})

test('a secret file is read anew, without its last line break', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'uptime-secret-')), 'token')
  writeFileSync(path, 'one\n')
  const token = secret.file(path)
  expect(token.reveal()).toBe('one')
  writeFileSync(path, 'two\r\n')
  expect(token.reveal()).toBe('two')
  writeFileSync(path, '')
  expect(token.problem).toMatch(/is empty/)
})

test('a URL loses its userinfo and nothing else', () => {
  expect(withoutUserinfo('mongodb://user:p%40ss@a,b/db?x=y@z')).toBe('mongodb://a,b/db?x=y@z')
  expect(withoutUserinfo('https://user:p@ss@host/')).toBe('https://host/')
  expect(withoutUserinfo('https://host/path@x')).toBe('https://host/path@x')
  expect(withoutUserinfo('no url user@host')).toBe('no url user@host')
})

test("timing: the service's own beats the config's, which beats the plugin's, which beats the default", () => {
  const resolve = createTimingResolver({ every: '20s', timeout: '7s' })
  const base = { kind: 'x', name: 'x', check: async () => undefined }
  expect(resolve(base)).toEqual({ every: 20_000, retryEvery: 5_000, timeout: 7_000, attempts: 3 })
  expect(
    resolve({ ...base, defaults: { every: '1s', attempts: 9, timeout: '1s' }, timing: { timeout: 50 } }),
  ).toEqual({
    every: 20_000,
    retryEvery: 5_000,
    timeout: 50,
    attempts: 9,
  })
  expect(resolve({ ...base })).toBe(resolve({ ...base, name: 'y' }))
})

test('sleeping ends with the time or with the signal, and leaves nothing behind', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  let awake = 0
  void sleep(clock, 100, stop.signal).then(() => awake++)
  void sleep(clock, Number.POSITIVE_INFINITY, stop.signal).then(() => awake++)
  await clock.advance(100)
  expect(awake).toBe(1)
  stop.abort()
  await clock.advance(0)
  expect(awake).toBe(2)
  expect(clock.pending).toBe(0)
  await sleep(clock, 100, stop.signal)
})

test('waiting within a time gives the result, the error, or nothing', async () => {
  const clock = new FakeClock()
  expect(await within(clock, Promise.resolve(1), 100)).toBe(1)
  await expect(within(clock, Promise.reject(new Error('no')), 100)).rejects.toThrow('no')
  const never = within(clock, new Promise(() => undefined), 100)
  await clock.advance(100)
  expect(await never).toBeUndefined()
  expect(await within(clock, new Promise(() => undefined), 100, AbortSignal.abort())).toBeUndefined()
  expect(clock.pending).toBe(0)
})

test('backoff doubles between half and whole, up to its most', () => {
  for (let failures = 1; failures < 50; failures++) {
    const most = Math.min(60_000, 1_000 * 2 ** (failures - 1))
    const ms = backoff(failures, 1_000, 60_000)
    expect(ms).toBeGreaterThanOrEqual(most / 2)
    expect(ms).toBeLessThanOrEqual(most)
  }
})
