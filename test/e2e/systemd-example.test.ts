import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { command, hasOrInstalls } from '../servers/tools.js'
import { Project } from '../support/uptime.js'

const EXAMPLE = join(import.meta.dirname, '../../examples/systemd')
/** Exposure by systemd's own measure, in tenths: 100 is a service without any confinement. */
const MOST_EXPOSED = 25

const textOf = (file: string) => readFileSync(join(EXAMPLE, file), 'utf8')
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(textOf('uptime.service'))?.[1]

let hasSystemd = false
beforeAll(async () => {
  hasSystemd = await hasOrInstalls('systemd-analyze', ['systemd'])
}, 300_000)
beforeEach(({ skip }) => {
  if (!hasSystemd) skip('systemd-analyze is missing; apt-get install systemd')
})

/** The example, where it may be on this machine: programs in one folder, the record in another. */
function installed(): Project {
  const project = new Project()
  project.usePackages()
  const moved = (file: string) =>
    textOf(file).replaceAll('/opt/uptime', project.folder).replaceAll('/var/lib/uptime', project.folder)
  for (const file of ['uptime.service', 'uptime.config.ts']) project.write(file, moved(file))
  return project
}

test('systemd finds nothing wrong with the unit', async () => {
  using project = installed()
  const { stdout, stderr } = await command('systemd-analyze', ['verify', project.path('uptime.service')])
  expect(stdout + stderr).toBe('')
})

test('the unit confines the monitor', async () => {
  using project = installed()
  const limits = ['--offline=true', `--threshold=${MOST_EXPOSED}`]
  const { stdout } = await command('systemd-analyze', [
    ...['security', ...limits, project.path('uptime.service')],
  ])
  expect(stdout).toMatch(/Overall exposure level for uptime\.service: [\d.]+ OK/)
})

test('the unit lets /proc be seen, by which an instance knows that the one before it is gone', () => {
  for (const name of ['ProtectProc', 'ProcSubset', 'PrivatePIDs']) expect(setting(name), name).toBeUndefined()
})

test('what the unit starts is a command that there is, and its config is valid', async () => {
  using project = installed()
  const [, ...args] = setting('ExecStart')!.split(' ')
  expect(args).toEqual(['run', '--log', 'json'])
  const { code, stderr } = await project.uptime('validate')
  expect([code, stderr]).toEqual([0, ''])
  await using monitor = project.run()
  await monitor.until(({ event, standing }) => event === 'leadership' && standing === 'leading')
  expect((await monitor.end(setting('KillSignal') as NodeJS.Signals)).code).toBe(0)
})
