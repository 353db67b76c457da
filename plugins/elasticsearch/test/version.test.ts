import { createServer } from 'node:http'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { quietContext } from '@uptimeserver/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

const HEALTH = {
  ...{ status: 'green', timed_out: false, number_of_nodes: 1, number_of_pending_tasks: 0 },
  ...{ active_primary_shards: 1, initializing_shards: 0, unassigned_shards: 0 },
  active_shards_percent_as_number: 100,
}
/** A cluster that is upgraded as quickly as a test wants it. */
const cluster = { version: '', status: 200, asked: 0 }
const server = createServer(({ url }, response) => {
  const isVersion = url === '/'
  if (isVersion) cluster.asked++
  const answer = isVersion ? { version: { number: cluster.version } } : HEALTH
  response.writeHead(isVersion || cluster.status === 200 ? 200 : 500).end(JSON.stringify(answer))
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())
beforeEach(() => void Object.assign(cluster, { version: '8.8.2', status: 200, asked: 0 }))
afterEach(() => void vi.useRealTimers())

const service = () => {
  const { port } = server.address() as { port: number }
  return elasticsearch({ name: 'it', hosts: `http://127.0.0.1:${port}` })
}
const check = (of: ReturnType<typeof service>) => of.check(quietContext(AbortSignal.timeout(5_000)))

test('the version is shown with every check, and asked for once', async () => {
  const it = service()
  for (let turn = 0; turn < 3; turn++) await expect(check(it)).resolves.toMatchObject({ version: '8.8.2' })
  expect(cluster.asked).toBe(1)
})

test('it is asked for again after a failure', async () => {
  const it = service()
  await check(it)
  Object.assign(cluster, { version: '8.19.0', status: 500 })
  await expect(check(it)).rejects.toThrow(/500/)
  cluster.status = 200
  await expect(check(it)).resolves.toMatchObject({ version: '8.19.0' })
})

test('it is asked for again in time, in case that a cluster was upgraded without a failure', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const it = service()
  await check(it)
  cluster.version = '8.19.0'
  vi.advanceTimersByTime(599_000)
  await expect(check(it)).resolves.toMatchObject({ version: '8.8.2' })
  vi.advanceTimersByTime(2_000)
  await expect(check(it)).resolves.toMatchObject({ version: '8.19.0' })
})
