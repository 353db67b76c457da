import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { serve } from '../../plugins/http/test/support/servers.js'

const examples = join(import.meta.dirname, '../../examples')

/** Starts a program of an example and reads what it says. */
function start(example: string, command: string, args: readonly string[], env: Record<string, string> = {}) {
  const cwd = join(examples, example)
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    lines,
    ended,
    async until(pattern: RegExp, ms = 60_000): Promise<string> {
      const deadline = Date.now() + ms
      for (;;) {
        const found = lines.find((line) => pattern.test(line))
        if (found) return found
        if (Date.now() > deadline || child.exitCode !== null)
          throw new Error(`no ${pattern} in:\n${lines.join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}

const uptime = (example: string) => join(examples, example, 'node_modules', '.bin', 'uptime')

test('playground: within a minute an outage goes soft, down and up again, and Ctrl-C ends it well', async () => {
  const playground = start('playground', process.execPath, ['start.mjs', '--log', 'json'])
  try {
    await playground.until(/"name":"checkout".*"from":"up","to":"soft"/)
    await playground.until(/"name":"checkout".*"from":"soft","to":"down".*503/)
    await playground.until(/"name":"checkout".*"from":"down","to":"up"/)
  } finally {
    // As a terminal does it: to the monitor as well.
    playground.child.kill('SIGINT')
    spawn('pkill', ['-INT', '-P', String(playground.child.pid)])
  }
  expect(await playground.ended).toBe(0)
  await playground.until(/"event":"stopped"/)
}, 90_000)

test('minimal: checks a site', async () => {
  await using server = await serve((_, response) => response.end('x'))
  const check = start('minimal', uptime('minimal'), ['check', '--json'], { SITE: server.url })
  expect(await check.ended).toBe(0)
  expect(JSON.parse(check.lines.join('\n'))).toMatchObject([{ name: 'site', status: 'up' }])
})

test("custom-check: keeps the contract under Node's own test runner, and can be used at once", async () => {
  const own = start('custom-check', process.execPath, ['--test'])
  expect(await own.ended).toBe(0)
  await using server = await serve((_, response) => response.end('x'))
  const env = { PORT: String(server.port), HOST: '127.0.0.1' }
  const check = start('custom-check', uptime('custom-check'), ['check', '--json'], env)
  expect(await check.ended).toBe(0)
  expect(JSON.parse(check.lines.join('\n'))).toMatchObject([{ kind: 'tcp', name: 'ssh', status: 'up' }])
})

test('embedded: the monitor lives inside another server, which keeps its signals and its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-embedded-'))
  const app = start('embedded', process.execPath, ['app.mjs'], { DATABASE: join(folder, 'uptime.db') })
  try {
    const line = await app.until(/^status at /)
    await app.until(/^myself: unknown → up$/)
    const response = await fetch(line.replace('status at ', ''))
    expect(await response.json()).toMatchObject([{ name: 'myself', status: 'up' }])
  } finally {
    app.child.kill('SIGTERM')
  }
  expect(await app.ended).toBe(0)
  expect(app.lines.at(-1)).toBe('bye')
  expect(readdirSync(folder)).toEqual(['uptime.db'])
  rmSync(folder, { recursive: true })
})
