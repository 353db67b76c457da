import type { Detail } from '@uptimeserver/core'
import { type Health, healthDetail, healthFaults, missingPrimaries, type Shard } from './health.js'
import type { Host } from './host.js'
import type { ElasticsearchOptions } from './options.js'
import { StatusError } from './problems.js'

interface Root {
  readonly version?: { readonly number?: string; readonly distribution?: string }
}

/** How a cluster stands, as one host tells it. */
export interface Telling {
  readonly faults: readonly string[]
  readonly detail: Detail
}

/** So long may a host look for its master, which by default would be longer than most deadlines. */
const MASTER_TIMEOUT = '2s'
/** It answers an unknown index that waits for its shards at once. */
const TIMED_OUT = 408

export async function ask(host: Host, options: ElasticsearchOptions, signal: AbortSignal): Promise<Telling> {
  const { level = 'yellow', minNodes, maxPendingTasks } = options
  const isAlive = level === 'ping' && minNodes === undefined && maxPendingTasks === undefined
  return isAlive ? { faults: [], detail: await version(host, signal) } : askHealth(host, options, signal)
}

async function askHealth(host: Host, options: ElasticsearchOptions, signal: AbortSignal): Promise<Telling> {
  const path = pathOf(options.index)
  const health = await host.json<Health>(
    `/_cluster/health${path}?timeout=0s&master_timeout=${MASTER_TIMEOUT}`,
    signal,
    TIMED_OUT,
  )
  const faults = healthFaults(health, options)
  const isRed = health.status === 'red' && !health.timed_out
  const missing = isRed ? await ifTold(() => primaries(host, path, signal)) : undefined
  const seen = await ifTold(() => version(host, signal))
  return { faults: missing ? [...faults, missing] : faults, detail: { ...healthDetail(health), ...seen } }
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

async function version(host: Host, signal: AbortSignal): Promise<Detail> {
  const { version: { number, distribution } = {} } = await host.json<Root>('/', signal)
  return number === undefined
    ? {}
    : { version: distribution === undefined ? number : `${distribution} ${number}` }
}

/** What is nice to know, from a host that may not tell it to everybody. */
async function ifTold<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}
