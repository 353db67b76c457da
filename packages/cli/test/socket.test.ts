import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Project, type Running } from '../../../test/support/uptime.js'

const BIN = `${import.meta.dirname}/../dist/bin.js`
const shop = '{"type":"http","url":"http://127.0.0.1:9/","name":"shop","category":"web"}'
const job = '{"type":"heartbeat","name":"backup","deadline":"1h"}'
const config = (providers: string) => `
  import { http } from 'uptimeserver'
  import { socketProvider } from '@uptimeserver/socket-provider'
  export default { every: '200ms', zone: 'Europe/Berlin', providers: [${providers}] }`

/** A monitor with a socket, and its project. */
async function monitored(options = '') {
  const project = new Project({
    'uptime.config.mjs': config(`socketProvider({ path: 'run/uptime.sock', types: { http }, ${options} })`),
  })
  project.usePackages()
  const monitor = project.run()
  await expect.poll(() => existsSync(project.path('run/uptime.sock')), { timeout: 20_000 }).toBe(true)
  return {
    ...{ project, monitor },
    socket: (...args: readonly string[]) => project.uptime('socket', ...args),
    async [Symbol.asyncDispose]() {
      await monitor[Symbol.asyncDispose]()
      project[Symbol.dispose]()
    },
  }
}

/** A command with something on its standard input. */
async function withInput(project: Project, input: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: project.folder, stdio: 'pipe' })
  child.stdin.end(input)
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'close')) as [number]
  const [stdout, stderr] = await said
  return { code, stdout, stderr }
}

const transition = (monitor: Running, name: string, to: string) =>
  monitor.until((line) => line.event === 'transition' && line.name === name && line.to === to)

describe('uptime socket', () => {
  test('put: what is given is watched at once; told in words, or as the reply is', async () => {
    await using it = await monitored()
    const { code, stdout, stderr } = await it.socket('put', shop, job)
    expect([code, stdout, stderr]).toEqual([0, '2 added, 0 changed, 0 as before\n', ''])
    await transition(it.monitor, 'backup', 'up')
    const json = (await it.socket('put', `[${shop}, ${job}]`, '--json')).json<object>()
    expect(json).toMatchObject({ version: 1, ok: true, added: 0, same: 2 })
  })

  test('replace: the whole set of an owner from standard input, and of nobody else', async () => {
    await using it = await monitored()
    await it.socket('put', job)
    const replace = (input: string) =>
      withInput(it.project, input, 'socket', 'replace', '-', '--owner', 'deploy')
    expect(await replace(`[\n${shop}\n]`)).toMatchObject({
      code: 0,
      stdout: '1 added, 0 changed, 0 as before\n',
    })
    expect(await replace('[]')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 removed') })
    expect((await it.socket('list', '--json')).json<object>()).toMatchObject({
      services: [{ name: 'backup', owner: 'default', report: null }],
    })
  })

  test('report: up and down with a reason and a time; the monitor follows', async () => {
    await using it = await monitored()
    await it.socket('put', job)
    await transition(it.monitor, 'backup', 'up')
    const report = await it.socket(
      'report',
      'backup',
      'down',
      '--reason',
      'disk full',
      '--at',
      '2026-11-22T09:00',
    )
    expect([report.code, report.stdout]).toEqual([0, 'backup is down since 2026-11-22T08:00:00.000Z\n'])
    expect(await transition(it.monitor, 'backup', 'down')).toMatchObject({ reason: 'disk full' })
    const late = await it.socket('report', 'backup', 'up', '--at', '2026-11-22T08:59+01:00')
    expect(late.stdout).toBe('a later report is known: down at 2026-11-22T08:00:00.000Z\n')
    await it.socket('report', 'backup', 'up', '--at', '2s')
    await transition(it.monitor, 'backup', 'up')
    const { stdout } = await it.socket('list')
    expect(stdout).toMatch(
      /^NAME +KIND +CATEGORY +OWNER +REPORT +ID\nbackup +heartbeat +default +up [\d.]+s ago +[0-9a-f]{16}\n\n1 service\n$/,
    )
  })

  test('remove: by a name or id, a kind, a category; all that is said must fit', async () => {
    await using it = await monitored()
    const { ids } = (await it.socket('put', shop, job, '--json')).json<{ ids: string[] }>()
    expect(await it.socket('remove', 'shop', '--category', 'jobs')).toMatchObject({ code: 1, stdout: '' })
    expect(await it.socket('remove', ids[1]!)).toMatchObject({ code: 0, stdout: '1 service removed\n' })
    expect(await it.socket('remove', '--kind', 'http')).toMatchObject({ code: 0 })
    expect((await it.socket('list')).stdout).toBe('0 services\n')
    expect(await it.socket('remove')).toMatchObject({ code: 2, stderr: expect.stringContaining('--kind') })
  })

  test('list: every page of a long set', async () => {
    await using it = await monitored('limits: { line: 2_048 }')
    const { socket } = it
    for (const part of ['a', 'b', 'c'])
      await socket('put', ...[1, 2, 3, 4, 5].map((n) => job.replace('backup', `${part}${n}`)))
    expect((await socket('list', '--json')).json<{ services: object[] }>().services).toHaveLength(15)
    expect((await socket('list', 'a1')).stdout).toMatch(/\n1 service\n$/)
  })

  test('ping: who listens', async () => {
    await using it = await monitored()
    const path = it.project.path('run/uptime.sock')
    const { code, stdout } = await it.socket('ping', '--socket', path)
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(`^process ${it.monitor.pid} listens at ${path} since 2.*Z, with 0 services\n$`),
    ])
  })

  test('from another folder, as cron does: it is where the config lies', async () => {
    await using it = await monitored()
    const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
      const args = [BIN, 'socket', 'ping', '--config', it.project.path('uptime.config.mjs')]
      execFile(process.execPath, args, { cwd: '/' }, (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), stdout }),
      )
    })
    expect([code, stdout]).toEqual([0, expect.stringContaining(it.project.path('run/uptime.sock'))])
  })

  test('a refusal exits with 1 and says all that is wrong', async () => {
    await using it = await monitored()
    const wrong = '{"type":"http","url":"http://127.0.0.1/","evry":"1s"}'
    const { code, stdout, stderr } = await it.socket('put', '{"type":"htp"}', wrong)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'error refused:\n- services[0].type: found "htp", expected one of http, heartbeat; did you mean http?\n' +
        `${stderr.split('\n')[2]}\n`,
    )
    expect(stderr).toContain('services[1].evry: found an unknown option')
    const json = await it.socket('report', 'nobody', 'up', '--json')
    expect([json.code, json.json<object>()]).toMatchObject([1, { ok: false, problems: [{}] }])
  })
})

describe('uptime socket run', () => {
  test('runs a command, ends as it did, and reports by its exit code', async () => {
    await using it = await monitored()
    await it.socket('put', job)
    await transition(it.monitor, 'backup', 'up')
    const failed = await it.socket('run', 'backup', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')
    expect(failed).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' })
    expect(await transition(it.monitor, 'backup', 'down')).toMatchObject({ reason: 'exit code 3' })
    expect(await it.socket('run', 'backup', '--', 'true')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const reasons = async () => {
      const { services } = (await it.socket('list', '--json')).json<{ services: { report: object }[] }>()
      return services[0]!.report
    }
    expect(await reasons()).toMatchObject({ status: 'up' })
    expect(await it.socket('run', 'backup', '--', 'sh', '-c', 'kill -KILL $$')).toMatchObject({ code: 137 })
    expect(await reasons()).toMatchObject({ status: 'down', reason: 'ended by SIGKILL' })
    expect(await it.socket('run', 'backup', '--', './nowhere')).toMatchObject({
      ...{ code: 127, stderr: 'error ./nowhere: not found\n' },
    })
    expect(await reasons()).toMatchObject({ reason: './nowhere: not found' })
    expect(await it.socket('run', 'nobody', '--', 'true')).toMatchObject({
      ...{ code: 0, stderr: expect.stringContaining('no service with the name "nobody"') },
    })
  })

  test('what cannot be reported is told, and takes nothing from the command', async () => {
    using project = new Project({ 'uptime.config.mjs': 'export default { services: [] }' })
    const run = (...command: string[]) =>
      project.uptime('socket', 'run', 'backup', '-s', 'no.sock', '--', ...command)
    const well = await run('echo', 'done')
    expect(well).toMatchObject({ code: 0, stdout: 'done\n' })
    expect(well.stderr).toMatch(
      /^warning not reported: .*no\.sock: nobody listens there; is the monitor running\?\n$/,
    )
    expect(await run('sh', '-c', 'exit 7')).toMatchObject({ code: 7 })
  })

  test('a report waits for a monitor that comes within five seconds', async () => {
    await using it = await monitored()
    await it.socket('put', job)
    await it.monitor[Symbol.asyncDispose]()
    const ran = it.socket('run', 'backup', '--', 'true')
    await sleep(1_000)
    await using _ = it.project.run()
    expect(await ran).toMatchObject({ code: 0, stderr: '' })
    expect((await it.socket('list')).stdout).toMatch(/up \d+m?s ago/)
  })

  test('a signal to it is one to the command', async () => {
    await using it = await monitored()
    await it.socket('put', job)
    const command = [
      'socket',
      'run',
      'backup',
      '--',
      'sh',
      '-c',
      'trap "exit 9" TERM; echo ready; sleep 20 & wait',
    ]
    const child = spawn(process.execPath, [BIN, ...command], { cwd: it.project.folder })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    expect(code).toBe(9)
    expect((await it.socket('list')).stdout).toContain('exit code 9')
  })
})

describe('what is wrong', () => {
  test('with the command line: 2, and nothing is sent', async () => {
    using project = new Project({ 'uptime.config.mjs': 'export default { services: [] }' })
    const says = async (...args: string[]) => {
      const { code, stderr } = await project.uptime('socket', ...args)
      return `${code} ${stderr.split('\n')[0]}`
    }
    expect(await says('put', '{"type"', '-s', 'x')).toMatch(/^2 error "\{"type"": expected JSON of an entry/)
    expect(await says('put')).toMatch(/^2 error missing required argument 'json'/)
    expect(await says('report', 'backup', 'well')).toMatch(/^2 error .*Allowed choices are up, down/)
    expect(await says('report', 'backup', 'up', '-s', 'x', '--at', 'noon')).toMatch(
      /^2 error --at: found "noon"/,
    )
    expect(await says('ping')).toMatch(
      /^2 error .*uptime\.config\.mjs: found no provider with a socket, expected one; add socketProvider\(\), or name one with --socket$/,
    )
    expect(await says('drop')).toMatch(/^2 error/)
  })

  test('with the config: one that has two sockets says which one is meant', async () => {
    const two = ['a', 'b'].map((name) => `socketProvider({ name: '${name}', path: '${name}/it.sock' })`)
    using project = new Project({ 'uptime.config.mjs': config(two.join(', ')) })
    project.usePackages()
    const { code, stderr } = await project.uptime('socket', 'ping')
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /found sockets .*a\/it\.sock, .*b\/it\.sock, expected one; name one with --socket\n$/,
      ),
    ])
  })

  test('nobody there, or somebody else: 1', async () => {
    using project = new Project()
    const path = project.path('it.sock')
    expect(await project.uptime('socket', 'ping', '-s', path)).toMatchObject({
      ...{ code: 1, stderr: `error ${path}: nobody listens there; is the monitor running?\n` },
    })
    const server = createServer((socket) => socket.resume().end('220 mail\r\n')).listen(path)
    await once(server, 'listening')
    expect(await project.uptime('socket', 'ping', '-s', path)).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('something else than a socket-provider') },
    })
    server.close()
  })

  test('with the folder: the monitor says so, and goes on with the rest', async () => {
    using project = new Project({
      'uptime.config.mjs': config(`socketProvider({ path: 'open/it.sock' })`).replace(
        'providers',
        `services: [{ kind: 'own', name: 'own', async check() {} }], providers`,
      ),
    })
    project.usePackages()
    mkdirSync(project.path('open'))
    chmodSync(project.path('open'), 0o755)
    await using monitor = project.run()
    const { error } = await monitor.until((line) => line.event === 'provider' && line.error !== null)
    expect(error).toMatch(/open has the mode 755, expected 700; run chmod 700/)
    await transition(monitor, 'own', 'up')
  })
})
