import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Project, sleep } from '../../../test/support/uptime.js'

const BIN = new URL('../dist/bin.js', import.meta.url).pathname
const NEVER = 'new Promise(() => {})'

const config = (text: string) => new Project({ 'uptime.config.mjs': text })
const service = (members: string) => `{ kind: 'own', name: 'a', ${members} }`
const withService = (members: string, rest = '') =>
  config(`export default { ${rest} services: [${service(members)}] }`)

/** A config whose storage is empty and well, but for some of its methods. */
function withStorage(members: string): Project {
  return config(`
    const none = async function* () {}
    const storage = {
      name: 'shelf', async open() {}, async record() { return 1 }, async save() {}, async publish() {},
      async services() { return [] }, async live() { return [] }, downtimes: none, runs: none, gaps: none,
      maintenance: none, summaries: none, changes: none, async cursor() { return 0 }, async close() {}, ${members}
    }
    export default { storage, services: [${service('async check() {}')}] }`)
}

/** Takes the lines of a monitor up to one that fits; then the reader is gone. */
function readUntil(project: Project, pattern: RegExp) {
  const child = spawn(process.execPath, [BIN, 'run', '--log', 'json', '--verbose'], { cwd: project.folder })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  child.stdout.on('data', (chunk) => pattern.test(String(chunk)) && child.stdout.destroy())
  return once(child, 'exit').then(([code]) => ({ code, stderr }))
}

describe('what never comes is told; silence would look like success', () => {
  for (const command of ['run', 'check', 'validate', 'status']) {
    test(`${command}: a config with an await that never ends`, async () => {
      using project = config(`await ${NEVER}\nexport default { services: [] }\n`)
      const { code, stdout, stderr } = await project.uptime(command)
      expect([code, stdout, stderr]).toEqual([
        2,
        '',
        'error uptime.config.mjs cannot be loaded: it did not settle within 10s; is there an await that never ends?\n',
      ])
    })
  }

  test('a storage that does not open', async () => {
    using project = withStorage(`open: () => ${NEVER}`)
    const { code, stderr } = await project.uptime('downtimes')
    expect([code, stderr]).toEqual([2, 'error shelf did not open within 10s\n'])
  })

  test('a storage that does not answer', async () => {
    using project = withStorage(`services: () => ${NEVER}`)
    const { code, stderr } = await project.uptime('status')
    expect(stderr).toBe(
      'error reading from shelf never came to an end: it waits for a promise that nothing is left to settle\n',
    )
    expect(code).toBe(1)
  })

  test('run: a storage that does not answer is waited for, and checks go on', async () => {
    using project = withStorage(`services: () => ${NEVER}`)
    await using monitor = project.run('--verbose')
    const waits = await monitor.until(({ event }) => event === 'leadership')
    expect(waits).toMatchObject({ standing: 'waiting', holder: null })
    await monitor.until(({ event, ok }) => event === 'check' && ok === true)
  })

  test('a storage that does not close takes nothing away from what was read', async () => {
    using project = withStorage(`close: () => ${NEVER}`)
    const { code, stdout, stderr } = await project.uptime('status', '--json')
    expect([code, stdout, stderr]).toEqual([0, '[]\n', 'warning shelf did not close: not within 5s\n'])
  })

  test('a service that does not close: the verdict counts', async () => {
    using project = withService(`async check() { throw new Error('no') }, close: () => ${NEVER}`)
    const { code, stdout } = await project.uptime('check')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/● down .*no\n/)])
  })
})

describe('a command ends when it is over, whatever a plugin leaves open', () => {
  const LEAKS = `async check() { setInterval(() => {}, 1000) }`

  test('check', async () => {
    using project = withService(LEAKS)
    const { code, stdout } = await project.uptime('check', '--json')
    expect([code, JSON.parse(stdout)[0].status]).toEqual([0, 'up'])
  })

  test('run, after a signal', async () => {
    using project = withService(LEAKS)
    await using monitor = project.run()
    await monitor.until(({ to }) => to === 'up')
    expect(await Promise.race([monitor.end(), sleep(8_000)])).toEqual({ code: 0, signal: null })
    expect(monitor.lines.at(-1)!.event).toBe('stopped')
  })

  test('a second signal ends a monitor at once, whatever the first one waits for', async () => {
    using project = withStorage(`close: () => ${NEVER}`)
    await using monitor = project.run()
    await monitor.until(({ to }) => to === 'up')
    monitor.signal('SIGINT')
    await sleep(500)
    const before = Date.now()
    expect(await monitor.end('SIGTERM')).toEqual({ code: 130, signal: null })
    expect(Date.now() - before).toBeLessThan(2_000)
  })

  test('all of the output arrives first', async () => {
    const many = 5_000
    using project = config(
      `const one = (name) => ({ kind: 'own', name, async check() { setInterval(() => {}, 1000) } })
      export default { services: Array.from({ length: ${many} }, (_, index) => one('s' + index)) }`,
    )
    expect((await project.uptime('check', '--json')).json()).toHaveLength(many)
  })
})

test('check: what a plugin throws outside of its check does not take the answer', async () => {
  using project = withService(`async check() { Promise.reject(new Error('too late')) }`)
  const { code, stdout, stderr } = await project.uptime('check', '--json')
  expect([code, JSON.parse(stdout)[0].status]).toEqual([0, 'up'])
  expect(stderr).toBe('warning a plugin threw outside of its check: too late\n')
})

for (const [what, text] of [
  ['a config that is still loading', `console.error('here')\nawait ${NEVER}\nexport default {}\n`],
  ['a config function that takes its time', `export default () => (console.error('here'), ${NEVER})\n`],
]) {
  test(`Ctrl-C during ${what} ends at once and cleanly`, async () => {
    using project = config(text!)
    await using monitor = project.run()
    while (!monitor.stderr) await sleep(20)
    const before = Date.now()
    expect(await monitor.end()).toEqual({ code: 0, signal: null })
    expect(Date.now() - before).toBeLessThan(3_000)
    expect(monitor.lines.map(({ event }) => event)).toEqual(['stopped'])
  })
}

describe('a reader that goes away', () => {
  test('of a command that prints and is done is no error', async () => {
    using project = config(
      `const one = (name) => ({ kind: 'own', name, async check() {} })
      export default { services: Array.from({ length: 500 }, (_, index) => one('s' + index)) }`,
    )
    const line = `"${process.execPath}" "${BIN}" validate --json | head -n 1`
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: project.folder, encoding: 'utf8' })
    expect([stdout, stderr]).toEqual(['{\n', ''])
  })

  test('of a monitor ends it cleanly, and as a failure, so that it is started anew', async () => {
    using project = withService(
      `async check() {}, async close() { (await import('node:fs')).writeFileSync('closed', '') }`,
      `every: '200ms',`,
    )
    const { code, stderr } = await readUntil(project, /"to":"up"/)
    expect(stderr).toBe('warning nobody reads the output any more, so the monitor has stopped\n')
    expect(code).toBe(1)
    expect(existsSync(project.path('closed'))).toBe(true)
  })
})
