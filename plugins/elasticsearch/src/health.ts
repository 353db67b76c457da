import type { Detail } from '@uptimeserver/core'
import type { ElasticsearchOptions } from './options.js'

/** https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html */
export interface Health {
  readonly cluster_name: string
  readonly status: 'green' | 'yellow' | 'red'
  readonly timed_out: boolean
  readonly number_of_nodes: number
  readonly active_primary_shards: number
  readonly initializing_shards: number
  readonly unassigned_shards: number
  readonly active_shards_percent_as_number: number
  readonly number_of_pending_tasks: number
}

/** Of `_cat/shards`. */
export interface Shard {
  readonly index: string
  readonly shard: string
  readonly prirep: 'p' | 'r'
  readonly state: string
  readonly 'unassigned.reason'?: string | null
}

/** Whether it is one: a proxy may answer with JSON of its own. */
export function isHealth(value: unknown): value is Health {
  const { status } = (value ?? {}) as { status?: unknown }
  return status === 'green' || status === 'yellow' || status === 'red'
}

/** How many shards are named. */
const NAMED = 3

/** What is wrong with a cluster's health. Pure, so that every combination can be tried. */
export function healthFaults(
  health: Health,
  { level = 'yellow', minNodes, maxPendingTasks, index }: ElasticsearchOptions,
): string[] {
  const { number_of_nodes: nodes, number_of_pending_tasks: tasks } = health
  const faults = level === 'ping' ? [] : levelFaults(health, level, index)
  if (minNodes !== undefined && nodes < minNodes)
    faults.push(`${nodes} ${nodes === 1 ? 'node' : 'nodes'}, ${minNodes} required`)
  if (maxPendingTasks !== undefined && tasks > maxPendingTasks)
    faults.push(
      `${tasks} ${tasks === 1 ? 'task waits' : 'tasks wait'} for the master, expected ${maxPendingTasks} at most`,
    )
  return faults
}

function levelFaults(health: Health, level: 'yellow' | 'green', index: string | undefined): string[] {
  const { status } = health
  if (index !== undefined && isMissing(health))
    return [`the index ${index} is not there, or has no shards yet`]
  const isEnough = status === 'green' || (status === 'yellow' && level === 'yellow')
  return isEnough ? [] : [`the ${index === undefined ? 'cluster' : `index ${index}`} is ${status}`]
}

/** For a name the cluster waits in vain; of a pattern that fits nothing it says that all is green. */
function isMissing(health: Health): boolean {
  const { timed_out, active_primary_shards: active, initializing_shards: coming, unassigned_shards } = health
  return timed_out || active + coming + unassigned_shards === 0
}

/** Which primaries are missing: they are what a red cluster lacks. */
export function missingPrimaries(shards: readonly Shard[]): string | undefined {
  const missing = shards.filter(({ prirep, state }) => prirep === 'p' && state === 'UNASSIGNED')
  if (!missing.length) return undefined
  const named = missing.slice(0, NAMED).map((shard) => {
    const reason = shard['unassigned.reason']
    return `${shard.index}[${shard.shard}]${reason ? ` (${reason})` : ''}`
  })
  const more = missing.length - named.length
  return `unassigned primaries: ${named.join(', ')}${more ? ` and ${more} more` : ''}`
}

export function healthDetail(health: Health): Detail {
  return {
    status: health.status,
    nodes: health.number_of_nodes,
    unassigned: health.unassigned_shards,
    activePercent: Math.floor(health.active_shards_percent_as_number * 10) / 10,
    ...(health.number_of_pending_tasks && { pendingTasks: health.number_of_pending_tasks }),
  }
}
