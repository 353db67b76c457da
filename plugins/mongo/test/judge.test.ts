import { expect, test } from 'vitest'
import { faultsOf } from '../src/judge.js'
import type { Member } from '../src/member.js'
import type { CheckOptions } from '../src/options.js'

const member = (host: string, state: string, more: Partial<Member> = {}): Member => ({
  host,
  state,
  isUp: true,
  ...more,
})
const gone = (host: string): Member => ({
  host,
  state: 'unknown',
  isUp: false,
  problem: 'connect ECONNREFUSED',
})
const judged = (members: Member[], options: Partial<CheckOptions> = {}) =>
  faultsOf(members, { uri: 'mongodb://a', ...options }).join('; ')

const three = [member('a', 'primary'), member('b', 'secondary'), member('c', 'secondary')]

test.each([
  ['any', three, ''],
  ['any', [gone('a'), gone('b'), three[2]!], ''],
  [
    'any',
    [gone('a'), gone('b')],
    '0 of 2 members answer, 1 required; a: connect ECONNREFUSED; b: connect ECONNREFUSED',
  ],
  ['primary', three, ''],
  ['primary', [gone('a'), three[1]!, three[2]!], 'no member takes writes; a: connect ECONNREFUSED'],
  ['primary', [member('a', 'standalone')], ''],
  ['primary', [member('a', 'mongos')], ''],
  ['majority', three, ''],
  ['majority', [gone('a'), three[1]!, three[2]!], ''],
  [
    'majority',
    [gone('a'), gone('b'), three[2]!],
    '1 of 3 members answer, 2 required; a: connect ECONNREFUSED; b: connect ECONNREFUSED',
  ],
  ['majority', [three[0]!, three[1]!, three[2]!, gone('d')], ''],
  [
    'majority',
    [three[0]!, three[1]!, gone('c'), gone('d')],
    '2 of 4 members answer, 3 required; c: connect ECONNREFUSED; d: connect ECONNREFUSED',
  ],
  [3, three, ''],
  [3, [gone('a'), three[1]!, three[2]!], '2 of 3 members answer, 3 required; a: connect ECONNREFUSED'],
  [4, three, '3 of 3 members answer, 4 required'],
] as const)('%s of members: %#', (require, members, expected) => {
  expect(judged([...members], { require })).toBe(expected)
})

test('a member may be so far behind the primary and no further, as far as anybody can tell', () => {
  const members = [
    member('a', 'primary', { lastWrite: 100_000 }),
    member('b', 'secondary', { lastWrite: 40_000 }),
    member('c', 'secondary', { lastWrite: 39_999 }),
    member('d', 'secondary', { lastWrite: 101_000 }),
    member('e', 'secondary'),
  ]
  expect(judged(members, { maxReplicationLag: '1m' })).toBe('c is 1m behind the primary, expected 1m at most')
  expect(judged(members.slice(1), { maxReplicationLag: '1m' })).toBe('')
})

test('versions are compared number by number', () => {
  const of = (version: string) => [member('a', 'standalone', { version })]
  expect(judged(of('10.0.1'), { minVersion: '9.0.2' })).toBe('')
  expect(judged(of('7.0.0-rc1'), { minVersion: '7.0' })).toBe('')
  expect(judged(of('6.0.19'), { minVersion: '7.0' })).toBe('a is version 6.0.19, expected 7.0 or later')
  expect(judged(of('7.0.4'), { minVersion: '7.0.5' })).toBe('a is version 7.0.4, expected 7.0.5 or later')
})
