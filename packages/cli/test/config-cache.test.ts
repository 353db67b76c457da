import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project } from '../../../test/support/uptime.js'

const CACHE = 'node_modules/.cache/uptimeserver'
let project = new Project()

beforeEach(() => {
  project = new Project({ 'uptime.config.ts': `const key = 'hunter2'\nexport default { services: [] }\n` })
  mkdirSync(project.path('node_modules/.cache'), { recursive: true })
})
afterEach(() => project[Symbol.dispose]())

async function load(): Promise<void> {
  expect((await project.uptime('validate')).code).toBe(0)
}

const modeOfCache = () => statSync(project.path(CACHE)).mode & 0o777

test('compiled configs, and the secrets in them, are for their owner only', async () => {
  await load()
  expect(modeOfCache()).toBe(0o700)
  expect(readdirSync(project.path(CACHE))).toHaveLength(1)
})

test('also where an earlier version left the folder open', async () => {
  mkdirSync(project.path(CACHE), { mode: 0o755 })
  chmodSync(project.path(CACHE), 0o755)
  await load()
  expect(modeOfCache()).toBe(0o700)
  expect(readdirSync(project.path(CACHE))).toHaveLength(1)
})

test('where the folder leads elsewhere, nothing is kept', async () => {
  mkdirSync(project.path('elsewhere'))
  symlinkSync(project.path('elsewhere'), project.path(CACHE))
  await load()
  expect(readdirSync(project.path('elsewhere'))).toEqual([])
})
