import type { Detail } from '@uptimeserver/core'
import { healthDetail, healthFaults, isHealth, missingPrimaries, type Shard } from './health.js'
import type { Host } from './host.js'
import type { ElasticsearchOptions } from './options.js'
import { ifTold, type Version } from './version.js'

/** How a cluster stands, as one host tells it. */
export interface Telling {
  readonly faults: readonly string[]
  readonly detail: Detail
}

/** So long may a host look for its master, which by default would be longer than most deadlines. */
const MASTER_TIMEOUT = '2s'
/** It answers an unknown index that waits for its shards at once. */
const TIMED_OUT = 408

/** One host and what is known of it. */
export interface Asked {
  readonly host: Host
  readonly version: Version
}

export async function ask(
  asked: Asked,
  options: ElasticsearchOptions,
  signal: AbortSignal,
): Promise<Telling> {
  const { level = 'yellow', minNodes, maxPendingTasks } = options
  const isAlive = level === 'ping' && minNodes === undefined && maxPendingTasks === undefined
  if (!isAlive) return askHealth(asked, options, signal)
  return { faults: [], detail: await asked.version.ask(asked.host, signal) }
}

async function askHealth(
  { host, version }: Asked,
  options: ElasticsearchOptions,
  signal: AbortSignal,
): Promise<Telling> {
  const path = pathOf(options.index)
  const health = await host.json<unknown>(
    `/_cluster/health${path}?timeout=0s&master_timeout=${MASTER_TIMEOUT}`,
    signal,
    TIMED_OUT,
  )
  if (!isHealth(health)) throw new Error(`the answer is not a cluster's health: ${shown(health)}`)
  const faults = healthFaults(health, options)
  const isRed = options.level !== 'ping' && health.status === 'red' && !health.timed_out
  const missing = isRed ? await ifTold(() => primaries(host, path, signal)) : undefined
  const seen = await version.recall(host, signal)
  return { faults: missing ? [...faults, missing] : faults, detail: { ...healthDetail(health), ...seen } }
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 80)
}

function pathOf(index: string | undefined): string {
  return index === undefined ? '' : `/${index.split(',').map(encodeURIComponent).join(',')}`
}

async function primaries(host: Host, path: string, signal: AbortSignal): Promise<string | undefined> {
  const columns = 'index,shard,prirep,state,unassigned.reason'
  return missingPrimaries(
    await host.json<Shard[]>(
      `/_cat/shards${path}?format=json&h=${columns}&master_timeout=${MASTER_TIMEOUT}`,
      signal,
    ),
  )
}
