import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Project, type Running } from '../../../test/support/uptime.js'

const config = (...names: string[]) =>
  `export default { every: '300ms', services: [${names.map((name) => `{ kind: 'own', name: '${name}', async check() {} }`)}] }`

const incident = (monitor: Running, words: RegExp) =>
  monitor.until(({ event, message }) => event === 'incident' && words.test(String(message)))
const up = (monitor: Running, name: string) => monitor.until((line) => line.name === name && line.to === 'up')

test('SIGHUP reads the config again; a bad one is refused, and the old one goes on', async () => {
  using project = new Project({ 'uptime.config.mjs': config('shop') })
  const path = join(project.folder, 'uptime.config.mjs')
  await using monitor = project.run()
  await up(monitor, 'shop')
  writeFileSync(path, config('shop', 'mail'))
  monitor.signal('SIGHUP')
  await incident(monitor, /read again$/)
  await up(monitor, 'mail')
  writeFileSync(path, `export default { services: 7, evry: '1s' }`)
  monitor.signal('SIGHUP')
  await incident(monitor, /refused, the old one goes on: .*uptime\.config\.mjs.*2 problems/s)
  writeFileSync(path, 'export default {')
  monitor.signal('SIGHUP')
  await incident(monitor, /refused.*cannot be loaded/s)
  writeFileSync(path, config('mail', 'third'))
  monitor.signal('SIGHUP')
  await up(monitor, 'third')
  const moves = monitor.lines.filter(({ event, name }) => event === 'transition' && name === 'mail')
  expect(moves).toHaveLength(1)
})

test('--watch reads it again when it changes', async () => {
  using project = new Project({ 'uptime.config.mjs': config('shop') })
  await using monitor = project.run('--watch')
  await up(monitor, 'shop')
  writeFileSync(join(project.folder, 'uptime.config.mjs'), config('shop', 'mail'))
  await up(monitor, 'mail')
})
