import { describe, expect, test } from 'vitest'
import { type Health, healthFaults } from '../src/health.js'

const WELL: Health = {
  ...{
    cluster_name: 'it',
    status: 'green',
    timed_out: false,
    number_of_nodes: 3,
    number_of_pending_tasks: 0,
  },
  ...{ active_primary_shards: 5, initializing_shards: 0, unassigned_shards: 0 },
  active_shards_percent_as_number: 100,
}
const RED = { status: 'red', unassigned_shards: 1 } as const
const YELLOW = { ...RED, status: 'yellow' } as const
const faults = (health: Partial<Health>, options = {}) =>
  healthFaults({ ...WELL, ...health }, { hosts: 'es', ...options })

describe('what is wrong with a cluster', () => {
  test.each([
    ['ping', 'green', []],
    ['ping', 'yellow', []],
    ['ping', 'red', []],
    ['yellow', 'green', []],
    ['yellow', 'yellow', []],
    ['yellow', 'red', ['the cluster is red']],
    ['green', 'green', []],
    ['green', 'yellow', ['the cluster is yellow']],
    ['green', 'red', ['the cluster is red']],
  ] as const)('at the level %s, when it is %s', (level, status, expected) => {
    expect(faults({ status }, { level })).toEqual(expected)
  })

  test.each([
    ['fewer nodes than it must have', { minNodes: 4 }, ['3 nodes, 4 required']],
    ['as many as it must have', { minNodes: 3 }, []],
  ])('with %s', (_, options, expected) => expect(faults({}, options)).toEqual(expected))

  test.each([
    [0, []],
    [1, ['1 task waits for the master, expected 0 at most']],
    [2, ['2 tasks wait for the master, expected 0 at most']],
  ])('whose master has %i tasks before it, of none that it may have', (tasks, expected) => {
    expect(faults({ number_of_pending_tasks: tasks }, { maxPendingTasks: 0 })).toEqual(expected)
  })

  test('is all told, not only the first of it', () => {
    const all = faults({ ...RED, number_of_pending_tasks: 9 }, { minNodes: 4, maxPendingTasks: 5 })
    expect(all).toEqual([
      ...['the cluster is red', '3 nodes, 4 required'],
      '9 tasks wait for the master, expected 5 at most',
    ])
  })
})

describe('what is wrong with the indices that count', () => {
  const missing = 'the index orders-* is not there, or has no shards yet'

  test.each([
    ['are red', RED, ['the index orders-* is red']],
    ['are yellow', YELLOW, ['the index orders-* is yellow']],
    ['are not there by their name', { timed_out: true, status: 'red' }, [missing]],
    ['are none that fit', { active_primary_shards: 0 }, [missing]],
    ['have only shards that are about to be', { active_primary_shards: 0, initializing_shards: 1 }, []],
  ] as const)('when they %s', (_, health, expected) => {
    expect(faults(health, { level: 'green', index: 'orders-*' })).toEqual(expected)
  })

  test('is nothing in a cluster without any, where none is named', () => {
    expect(faults({ active_primary_shards: 0 })).toEqual([])
  })
})
