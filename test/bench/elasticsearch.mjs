// What the check of a cluster costs beside asking it by hand, against a real Elasticsearch in processes of its own: only what this
// side spends is counted.
import { getHeapStatistics } from 'node:v8'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { quietContext } from '@uptimeserver/testing'
import { createJiti } from 'jiti'
import { Client } from 'undici'
import { median, ratio } from './numbers.mjs'
import { inOwnProcess } from './own-process.mjs'

const WARM_UP = 1_000
const CHECKS = 3_000
const HEALTH = '/_cluster/health?timeout=0s&master_timeout=2s'

export async function elasticsearchRows({ rounds, say }) {
  const { startElasticsearch } = await createJiti(import.meta.url).import('../servers/elasticsearch.ts')
  const server = await startElasticsearch()
  try {
    return rowsOf(await measured(server.url, { rounds, say }))
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

async function measured(url, { rounds, say }) {
  const results = Object.fromEntries(Object.keys(MODES).map((mode) => [mode, []]))
  // A server that has just started is slow, and so is who waits for it.
  await inOwnProcess(import.meta.filename, 'fresh', url)
  for (let round = 0; round < rounds; round++)
    for (const mode of Object.keys(MODES)) {
      const result = await inOwnProcess(import.meta.filename, mode, url)
      results[mode].push(result)
      say(
        `  round ${round + 1}: ${mode} ${result.microseconds.toFixed(0)} µs, ${result.kilobytes.toFixed(1)} KB`,
      )
    }
  return results
}

function rowsOf(results) {
  const row = (what, against, theirs, key, unit, target) => {
    const [our, their] = [results.check, results[theirs]].map((list) => list.map((result) => result[key]))
    const shown = (values) => `${median(values).toFixed(0)} ${unit}`
    return { what, against, ours: shown(our), theirs: shown(their), ratio: ratio(our, their), target }
  }
  const bare = 'a bare undici request of its health'
  return [
    row('Elasticsearch: CPU per check', `${bare}, new connection`, 'fresh', 'microseconds', 'µs', 1.5),
    row('the same', `${bare}, kept connection`, 'kept', 'microseconds', 'µs'),
    row('the same, memory allocated', `${bare}, new connection`, 'fresh', 'kilobytes', 'KB', 1.5),
  ]
}

/** What is made once, for a check that is made again and again with a signal. */
const MODES = {
  check(hosts) {
    const service = elasticsearch({ name: 'it', hosts })
    return (signal) => service.check(quietContext(signal))
  },
  fresh: (url) => async (signal) => {
    const client = new Client(url)
    try {
      await health(client, signal)
    } finally {
      await client.destroy()
    }
  },
  kept(url) {
    const client = new Client(url)
    return (signal) => health(client, signal)
  },
}

async function health(client, signal) {
  const { statusCode, body } = await client.request({ path: HEALTH, method: 'GET', signal })
  const { status } = await body.json()
  if (statusCode !== 200 || status !== 'green') throw new Error(`${statusCode} ${status}`)
}

async function costOf(check) {
  const once = () => check(new AbortController().signal)
  for (let i = 0; i < WARM_UP; i++) await once()
  const before = process.cpuUsage()
  for (let i = 0; i < CHECKS; i++) await once()
  const { user, system } = process.cpuUsage(before)
  return { microseconds: (user + system) / CHECKS, kilobytes: await allocatedBy(once) }
}

/** In the middle, so that it does not count when garbage is collected meanwhile. */
async function allocatedBy(once) {
  const grown = []
  for (let i = 0; i < CHECKS / 10; i++) {
    const { used_heap_size: used } = getHeapStatistics()
    await once()
    grown.push(getHeapStatistics().used_heap_size - used)
  }
  return median(grown) / 1_024
}

if (process.argv[1] === import.meta.filename) {
  const [mode, url] = process.argv.slice(2)
  process.send(await costOf(MODES[mode](url)), () => process.exit())
}
