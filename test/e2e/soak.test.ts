import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const SOAK = join(import.meta.dirname, '../nightly/soak.mjs')

/** The nightly soak, for as much of its week as everybody can wait for. */
async function soak(...args: string[]) {
  const child = spawn(process.execPath, [SOAK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, error] = [text(child.stdout), text(child.stderr)]
  const [code] = await once(child, 'close')
  return { code, lines: `${await out}${await error}` }
}

test('half an hour at a hundred times the speed leaves no memory, no connection, no timer and no file behind', async () => {
  const { code, lines } = await soak('--hours', '0.5')
  expect(lines).not.toContain('GREW')
  expect(code, lines).toBe(0)
  for (const what of ['fds, when idle', 'fds, after the end', 'timers of the monitor, after the end: 0'])
    expect(lines).toContain(`ok   ${what}`)
}, 240_000)
