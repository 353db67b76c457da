import { join } from 'node:path'
import type { Downtime } from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { serve } from '../../plugins/http/test/support/servers.js'
import { randomFrom } from '../support/random.js'
import { type Line, Project, sleep } from '../support/uptime.js'

const KILLS = 200
const LANES = 4

async function downtimesIn(project: Project): Promise<Downtime[]> {
  const storage = sqliteStorage({ path: join(project.folder, 'uptime.db') })
  await storage.open(quietContext(), { monitor: 'default', readOnly: true })
  const list: Downtime[] = []
  for await (const downtime of storage.downtimes()) list.push(downtime)
  await storage.close()
  return list
}

/** Every downtime that the monitor said was stored, and the end of those that it said were over. */
function remember(lines: readonly Line[], said: Map<string, Line | undefined>): void {
  for (const line of lines) {
    if (line.event !== 'transition' || line.stored !== true) continue
    if (line.to === 'down') said.set(String(line.downtime), said.get(String(line.downtime)))
    if (line.from === 'down') said.set(String(line.downtime), line)
  }
}

async function lane(number: number): Promise<void> {
  const seed = (Date.now() % 1_000_000) + number
  const random = randomFrom(seed)
  const health = { flipping: true }
  await using server = await serve((request, response) => {
    response.statusCode =
      request.url === '/dead' || (request.url === '/flipping' && !health.flipping) ? 503 : 200
    response.end()
  })
  using project = new Project({
    'uptime.config.mjs': `
      import { defineConfig, http } from 'uptimeserver'
      const paths = ['dead', 'flipping', 'good']
      export default defineConfig({
        every: '100ms', retryEvery: '30ms', attempts: 2,
        services: paths.map((name) => http('${server.url}/' + name, { name })),
      })`,
  })
  const said = new Map<string, Line | undefined>()
  for (let kill = 0; kill < KILLS / LANES; kill++) {
    health.flipping = random() < 0.5
    const monitor = project.run()
    const life = 250 + random() * 500
    const flip = setTimeout(() => (health.flipping = !health.flipping), random() * life)
    await sleep(life)
    await monitor.end('SIGKILL')
    clearTimeout(flip)
    remember(monitor.lines, said)
  }
  health.flipping = true
  const last = project.run('--verbose')
  for (const name of ['dead', 'flipping', 'good'])
    await last.until((line) => line.event === 'check' && line.name === name)
  await sleep(500)
  await last.end()
  remember(last.lines, said)

  const names = new Map(last.said('check').map(({ id, name }) => [id, name]))
  const found = await downtimesIn(project)
  const of = (name: string) => found.filter(({ service }) => names.get(service) === name)
  const where = `seed ${seed}`
  expect(of('good'), where).toEqual([])
  expect(of('dead'), where).toMatchObject([{ end: null }])
  expect(
    of('flipping').filter(({ end }) => end === null),
    where,
  ).toEqual([])
  of('flipping').forEach(({ start, end }, index, list) => {
    expect(end!, where).toBeGreaterThanOrEqual(start)
    if (index) expect(start, where).toBeGreaterThanOrEqual(list[index - 1]!.end!)
  })
  for (const [id, end] of said) {
    const stored = found.find((downtime) => downtime.id === id)
    expect(stored, `${where}: ${id} was reported as stored`).toBeDefined()
    if (end) expect(stored!.end, where).toBe(Date.parse(String(end.at)))
  }
}

test(`${KILLS} kills at random moments: the same downtime goes on, none is lost, doubled or left open`, async () => {
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
}, 300_000)
