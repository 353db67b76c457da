import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { serve } from '../../plugins/http/test/support/servers.js'
import { forAll } from '../servers/for-all.js'
import { startMongo } from '../servers/mongo.js'
import { command, hasOrInstalls } from '../servers/tools.js'
import { Project } from '../support/uptime.js'

const EXAMPLE = join(import.meta.dirname, '../../examples/docker-compose')
const textOf = (file: string) => readFileSync(join(EXAMPLE, file), 'utf8')

const mongo = forAll(startMongo)
afterEach(() => void vi.unstubAllEnvs())

function projectFor(site = 'https://example.com/'): Project {
  const project = new Project()
  project.usePackages()
  project.write('uptime.config.ts', textOf('uptime.config.ts').replace('https://example.com/', site))
  return project
}

test('Docker Compose accepts the file', async ({ skip }) => {
  if (!(await hasOrInstalls('docker-compose', ['docker-compose'], 'version')))
    skip('docker-compose is missing; apt-get install docker-compose')
  const { stdout, stderr } = await command('docker-compose', ['config'], { cwd: EXAMPLE })
  expect(stderr).toBe('')
  for (const service of ['uptime-1', 'uptime-2', 'install', 'mongo'])
    expect(stdout).toMatch(new RegExp(`^ {2}${service}:$`, 'm'))
}, 300_000)

test('what the containers run are commands that there are, and agree on a port', async () => {
  const text = textOf('compose.yaml')
  expect(text).toContain('command: [uptime, run, --log, json, --health]')
  expect(text).toContain('test: [CMD, uptime, health]')
  vi.stubEnv('MONGO_URI', 'mongodb://mongo/?replicaSet=rs0')
  using project = projectFor()
  const { code, stderr } = await project.uptime('validate')
  expect([code, stderr]).toEqual([0, ''])
})

test('one of the two leads, the other takes over, and status says so as the page shows', async () => {
  await using site = await serve((_, response) => response.end('x'))
  vi.stubEnv('MONGO_URI', mongo().url)
  using project = projectFor(site.url)
  const standing = (wanted: string) => (line: Record<string, unknown>) =>
    line.event === 'leadership' && line.standing === wanted
  await using first = project.run('--health', '0')
  await first.until(({ to }) => to === 'up')
  await using second = project.run('--health', '0')
  await second.until(standing('standby'))
  const shown = /^1 up · monitor running since .* on .+ \(pid (\d+)\), stands by: .+ \(pid (\d+)\)$/m
  expect(textOf('README.md')).toMatch(shown)
  await vi.waitFor(async () => {
    const [, leader, standby] = shown.exec((await project.uptime('status')).stdout) ?? []
    expect([leader, standby]).toEqual([String(first.pid), String(second.pid)])
  }, 10_000)
  expect((await first.end('SIGTERM')).code).toBe(0)
  await second.until(standing('leading'), 10_000)
  const url = String((await second.until(({ event }) => event === 'health')).url)
  expect((await project.uptime('health', url.replace('http://', ''))).code).toBe(0)
})
