import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { formatDuration, formatPercent } from '@uptimeserver/core'
import { expect, type TestContext, test } from 'vitest'
import { serve } from '../../plugins/http/test/support/servers.js'
import { Project, sleep } from '../support/uptime.js'

const BIN = join(import.meta.dirname, '../../packages/cli/dist/bin.js')
const ESCAPE = '\u001b'

/** Runs a command in a real (pseudo) terminal of a size, with keys to press. */
function terminal(
  context: TestContext,
  folder: string,
  args: string,
  { columns = 80, rows = 24, env = {} } = {},
) {
  if (process.platform !== 'linux') context.skip('needs script(1) of util-linux')
  const command = `stty cols ${columns} rows ${rows}; exec "${process.execPath}" "${BIN}" ${args}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined, CI: undefined, ...env },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'exit').then(([code]) => code as number)
  return {
    press: (keys: string) => void child.stdin.write(keys),
    ended,
    get output() {
      return output
    },
    async until(pattern: RegExp, ms = 20_000) {
      for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(50))
        if (pattern.test(output)) return
      throw new Error(`no ${pattern} on the screen:\n${output}`)
    },
  }
}

/** What is on the lines, without colours and cursor movements. */
function linesOf(output: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are control sequences
  return output.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '').split(/\r?\n/)
}

async function projectWith(count: number, url: string) {
  return new Project({
    'uptime.config.ts': `
      import { defineConfig, http } from 'uptimeserver'
      export default defineConfig({ every: '500ms', attempts: 2, retryEvery: '100ms', services: [
        http('http://127.0.0.1:1/', { name: 'dead with a rather long name that needs a good deal of room' }),
        ...Array.from({ length: ${count} }, (_, index) => http('${url}', { name: 'shop ' + index })),
      ] })`,
  })
}

for (const key of ['\u0003', 'q'] as const) {
  test(`a live table in colours; ${key === 'q' ? 'q' : 'Ctrl-C'} ends it with a summary and exit code 0`, async (context) => {
    await using server = await serve((_, response) => response.end('x'))
    using project = await projectWith(2, server.url)
    const screen = terminal(context, project.folder, '')
    await screen.until(/● up/)
    await screen.until(/● down/)
    await screen.until(/100\.000%/)
    screen.press(key)
    expect(await screen.ended).toBe(0)
    expect(screen.output).toContain(`${ESCAPE}[32m`)
    expect(screen.output).toContain(`${ESCAPE}[31m`)
    const lines = linesOf(screen.output)
    expect(lines.some((line) => /^SERVICE +STATUS +FOR +TODAY +LATENCY +NEXT +MESSAGE/.test(line))).toBe(true)
    expect(lines.some((line) => /^stopped · 3 services, \d+ checks, 1 outage in /.test(line))).toBe(true)
    expect(lines.some((line) => / for [^:]+, still open: dead/.test(line))).toBe(true)
    expect(lines.some((line) => /^TODAY +UPTIME +COVERAGE +DOWNTIMES +DOWN$/.test(line))).toBe(true)
    expect(lines.some((line) => /^shop 0 +100\.000% +\d{1,3}\.\d{3}% +0 +0s$/.test(line))).toBe(true)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80)
  })
}

test('the summary has the figures that the record has afterwards', async (context) => {
  using project = new Project({
    'uptime.config.mjs': `
      const start = Date.now()
      const check = async () => { if (Date.now() - start > 1500) throw new Error('gone') }
      export default { every: '300ms', attempts: 1, services: [{ kind: 'own', name: 'shop', check }] }`,
  })
  const screen = terminal(context, project.folder, '')
  await screen.until(/● down/)
  await sleep(2_700)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  const lines = linesOf(screen.output)
  const summary = lines[lines.findLastIndex((line) => line.startsWith('TODAY')) + 1]
  const sla = await project.uptime('sla', '--period', 'day', '--json')
  const { uptime, downMs } = sla.json<{ uptime: number; downMs: number }[]>()[0]!
  const shown = [`${formatPercent(uptime)}%`, '\\S+', 1, formatDuration(downMs)].join(' +')
  expect(summary).toMatch(new RegExp(`^shop +${shown}$`))
})

test('what a provider skips is news once, and counted in the heading', async (context) => {
  using project = new Project({
    'uptime.config.mjs': `
      const broken = (...names) => names.map((name) => ({ what: name + '.yaml', reason: 'no url' }))
      const files = { name: 'files', async *discover({ signal }) {
        for (const names of [['a', 'b', 'c'], ['a', 'b', 'c'], ['b', 'd'], []]) {
          yield { services: [], skipped: broken(...names) }
          await new Promise((resolve) => setTimeout(resolve, 2000))
        }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } }
      export default { providers: [files] }`,
  })
  const screen = terminal(context, project.folder, '')
  await screen.until(/ · 3 skipped/)
  await screen.until(/ · 2 skipped/)
  await screen.until(/files skips nothing any more/)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  const lines = linesOf(screen.output)
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('uptime for')))
  expect(last[0]).toMatch(/ · no services$/)
  const news = last.flatMap((line) => line.match(/^[\d:]{8} (.+)$/)?.[1] ?? [])
  expect(news.filter((text) => text.startsWith('files'))).toEqual([
    'files skips a.yaml: no url, and 2 more',
    'files skips d.yaml: no url',
    'files skips nothing any more',
  ])
})

test('NO_COLOR is honoured', async (context) => {
  await using server = await serve((_, response) => response.end('x'))
  using project = await projectWith(1, server.url)
  const screen = terminal(context, project.folder, '', { env: { NO_COLOR: '1' } })
  await screen.until(/● down/)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  expect(screen.output).not.toMatch(/\u001b\[[0-9;]*m/)
})

test('what does not fit is cut: the troubled ones first, the others counted', async (context) => {
  await using server = await serve((_, response) => response.end('x'))
  using project = await projectWith(200, server.url)
  const screen = terminal(context, project.folder, '', { columns: 60, rows: 15 })
  await screen.until(/● down/)
  await screen.until(/… and 19\d more: /)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  const lines = linesOf(screen.output)
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(60)
  const frame = lines.slice(lines.findLastIndex((line) => line.startsWith('SERVICE')))
  expect(frame[1]).toMatch(/^dead with .*● down/)
})

/** Names, reasons and messages as somebody else may choose them. */
const HOSTILE = String.raw`a\u001b]0;pwned\u0007\u001b[2J\u009b31m name that is long enough for any terminal`

function hostileProject() {
  const service = (name: string, body: string) =>
    `{ kind: 'kubernetes-deployment', name: '${name}', category: 'production', async check() { ${body} } }`
  return new Project({
    'uptime.config.mjs': `
      const cluster = { name: 'cluster ${HOSTILE}', async *discover({ signal }) {
        yield {
          services: [${service(HOSTILE, `throw new Error('status 503, expected 200 from ${HOSTILE}')`)}],
          skipped: [{ what: 'pod/${HOSTILE}', reason: 'it has no readiness probe: ${HOSTILE}' }],
        }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } }
      export default { every: '300ms', attempts: 1, providers: [cluster], services: [${service('fine', '')}] }`,
  })
}

/** What was written, but for our own colours and cursor movements. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are control sequences
const withoutOurs = (output: string) => output.replace(/\u001b\[[0-9;?]*[a-zA-Z]|\r?\n|\u0008/g, '')

for (const columns of [100, 60, 40, 25, 20]) {
  test(`${columns} columns: no line is wider, and nothing that others say steers the terminal`, async (context) => {
    using project = hostileProject()
    await using monitor = project.run()
    await monitor.until(({ to }) => to === 'down')
    await sleep(1_500)
    for (const command of ['check', 'status', 'status --discovery', 'downtimes', 'validate']) {
      const screen = terminal(context, project.folder, command, { columns })
      await screen.ended
      expectTidy(screen.output, columns)
    }
  })

  test(`${columns} columns: a service is one line of the live table`, async (context) => {
    using project = hostileProject()
    const screen = terminal(context, project.folder, 'run --verbose', { columns })
    await screen.until(/● down/)
    await sleep(600)
    screen.press('q')
    expect(await screen.ended).toBe(0)
    expectTidy(screen.output, columns)
    const lines = linesOf(screen.output)
    const [titles, ...rest] = lines.slice(lines.findLastIndex((line) => line.startsWith('SERVICE')))
    expect(titles).toMatch(/^SERVICE +STATUS/)
    expect(rest.indexOf('')).toBe(2)
  })
}

function expectTidy(output: string, columns: number): void {
  for (const line of linesOf(output)) expect(line.length, line).toBeLessThanOrEqual(columns)
  expect(output).not.toContain(`${ESCAPE}[2J`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(withoutOurs(output)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
}

test('one that stands by says who leads in place of a table, and is filled when it takes over', async (context) => {
  await using server = await serve((_, response) => response.end('x'))
  using project = await projectWith(1, server.url)
  await using leader = project.run()
  await leader.until(({ to }) => to === 'up')
  const screen = terminal(context, project.folder, '')
  const stands = new RegExp(`stands by since [\\d:]+ · .+ \\(pid ${leader.pid}\\) leads`)
  await screen.until(stands)
  expect(linesOf(screen.output).some((line) => stands.test(line))).toBe(true)
  expect(screen.output).not.toContain('no services')
  expect(screen.output.slice(screen.output.search(stands))).not.toContain('MESSAGE')
  await leader.end()
  await screen.until(/takes over: leads now/)
  await screen.until(/shop 0 +.*● up/)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  expect(linesOf(screen.output).join('\n')).toMatch(/^stopped · 2 services, /m)
})

test('one that stood by to its end says so', async (context) => {
  await using server = await serve((_, response) => response.end('x'))
  using project = await projectWith(1, server.url)
  await using leader = project.run()
  await leader.until(({ to }) => to === 'up')
  const screen = terminal(context, project.folder, '', { columns: 30 })
  await screen.until(/stands by since/)
  screen.press('q')
  expect(await screen.ended).toBe(0)
  const lines = linesOf(screen.output)
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(30)
  expect(lines.join('\n')).toMatch(/^stopped · stood by, 0 checks/m)
})

test('Ctrl-C while the config still loads ends at once', async (context) => {
  using project = new Project({
    'uptime.config.mjs': `export default () => { console.error('loading'); return new Promise(() => {}) }`,
  })
  const screen = terminal(context, project.folder, '')
  await screen.until(/loading/)
  const before = Date.now()
  screen.press('\u0003')
  expect(await screen.ended).toBe(0)
  expect(Date.now() - before).toBeLessThan(3_000)
  expect(linesOf(screen.output)).toContain('stopped before it had started')
})

test('init asks for what it is not given', async (context) => {
  await using server = await serve((_, response) => response.end('x'))
  using project = new Project()
  const screen = terminal(context, project.folder, 'init')
  await screen.until(/What is to be checked\?/)
  screen.press(`${server.url}\r`)
  await screen.until(/What is it called\?/)
  screen.press('my shop\r')
  await screen.until(/Add uptimeserver to package.json\?/)
  screen.press('\r')
  expect(await screen.ended).toBe(0)
  const { readFileSync } = await import('node:fs')
  expect(JSON.parse(readFileSync(project.path('package.json'), 'utf8')).devDependencies.uptimeserver).toMatch(
    /^\^\d/,
  )
  expect(readFileSync(project.path('uptime.config.ts'), 'utf8')).toContain(
    `http('${server.url}', { name: 'my shop' })`,
  )
  expect((await project.uptime('check')).code).toBe(0)
})

test('init: who turns away leaves nothing behind', async (context) => {
  using project = new Project()
  const screen = terminal(context, project.folder, 'init')
  await screen.until(/What is to be checked\?/)
  screen.press('\u0003')
  expect(await screen.ended).toBe(130)
  const { readdirSync } = await import('node:fs')
  expect(readdirSync(project.folder)).toEqual([])
})
