import { expect, test } from 'vitest'
import { Shop } from '../support/shop.js'
import { Project } from '../support/uptime.js'
import { documents, snippets } from './documents.js'

const page = 'packages/cli/README.md'
const samples = snippets('json')
  .filter(({ where }) => where.startsWith(page))
  .map(({ text }) => JSON.parse(text)[0] as object)

test('what machines read has the fields that the page shows, in their order', async () => {
  await using shop = await Shop.open()
  using project = new Project({
    'uptime.config.ts': `
      import { defineConfig, http } from 'uptimeserver'
      export default defineConfig({
        every: '300ms', retryEvery: '100ms', attempts: 1, services: [http('${shop.url}', { name: 'shop' })],
      })`,
  })
  await using monitor = project.run()
  await monitor.until(({ to }) => to === 'up')
  await shop.kill()
  await monitor.until(({ to }) => to === 'down')

  const [status, downtime, figure] = samples
  const fields = async (command: string) =>
    Object.keys((await project.uptime(command, '--json')).json()[0] ?? {})
  expect(await fields('status')).toEqual(Object.keys(status!))
  expect(await fields('downtimes')).toEqual(Object.keys(downtime!))
  expect(await fields('sla')).toEqual(Object.keys(figure!))
  const { maintenance: _, ...moment } = status as { maintenance: unknown }
  expect(await fields('check')).toEqual([...Object.keys(moment), 'detail'])
})

test('a wrong config is told as the page shows', async () => {
  using project = new Project({
    'uptime.config.ts': `
      import { http } from 'uptimeserver'
      export default {
        evry: '30s',
        services: [http('https://example.com/health', { name: 'shop', expect: { latency: '2 seconds' } })],
      }`,
  })
  const { stderr, code } = await project.uptime('check')
  expect(code).toBe(2)
  expect(documents.get(page)).toContain(stderr.trim())
})

const NAMED =
  /(?:`|\$ |npx |^)uptime (\w+(?: (?:add|list|end|exclude|include|put|replace|remove|report|run|ping)\b)?)([^`\n|]*)/gm

test('every command that is named exists, with its options', async () => {
  using project = new Project()
  const help = new Map<string, string>()
  const unknown: string[] = []
  for (const [path, text] of documents) {
    for (const [, command, rest] of text.matchAll(NAMED)) {
      if (!help.has(command!))
        help.set(command!, (await project.uptime(...command!.split(' '), '--help')).stdout)
      const flags = rest!.match(/--[a-z]+/g) ?? []
      const said = help.get(command!)!
      if (!said.startsWith(`Usage: uptime ${command}`)) unknown.push(`${path}: uptime ${command}`)
      for (const flag of flags) if (!said.includes(flag)) unknown.push(`${path}: uptime ${command} ${flag}`)
    }
  }
  expect(unknown).toEqual([])
})
