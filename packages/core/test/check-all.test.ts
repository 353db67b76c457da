import { FakeClock, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { type CheckAllOptions, type Config, checkAll, resolveConfig } from '../src/index.js'

async function round(config: Config, options: CheckAllOptions = {}, advance = 60_000) {
  const clock = new FakeClock()
  const report = checkAll(await resolveConfig(config), { clock, ...options })
  await clock.advance(advance)
  const result = await report
  expect(clock.pending).toBe(0)
  return result
}

test('every service is checked once, in the order of the config, and closed', async () => {
  const services = [
    scriptedService({ name: 'a', detail: { n: 1 } }),
    scriptedService({ name: 'b', acts: ['down'] }),
  ]
  const { results } = await round({ services })
  expect(results).toMatchObject([
    { name: 'a', status: 'up', message: null, detail: { n: 1 }, at: Date.parse('2026-01-01T00:00:00Z') },
    { name: 'b', status: 'down', message: 'scripted failure', detail: null },
  ])
  expect(services.map(({ calls, closed }) => [calls, closed])).toEqual([
    [1, 1],
    [1, 1],
  ])
})

test('concurrency bounds it and timeouts end it', async () => {
  const services = Array.from({ length: 10 }, (_, index) =>
    scriptedService({ name: `s${index}`, acts: [index % 2 ? 'hang' : 'ignore'] }),
  )
  const { results } = await round({ services, concurrency: 3, timeout: '1s' })
  expect(results.map(({ message }) => message)).toEqual(Array(10).fill('timeout after 1s'))
})

test('what providers discover is checked too, and their failures are told', async () => {
  const [good, bad, silent] = ['good', 'bad', 'silent'].map(scriptedProvider)
  good!.put(scriptedService({ name: 'found' }))
  bad!.fail('no access')
  const { results, failed } = await round(
    { providers: [good!, bad!, silent!], services: [scriptedService({ name: 'own' })] },
    { discovery: 5_000 },
  )
  expect(results.map(({ name }) => name)).toEqual(['own', 'found'])
  expect(failed).toEqual([
    { provider: 'bad', reason: 'no access' },
    { provider: 'silent', reason: 'no set came in time' },
  ])
})

test('only what the filter chooses is checked', async () => {
  const services = ['a', 'b'].map((name) => scriptedService({ name }))
  const { results } = await round({ services }, { filter: ({ name }) => name === 'b' })
  expect(results.map(({ name }) => name)).toEqual(['b'])
  expect(services.map(({ calls }) => calls)).toEqual([0, 1])
})

test('a signal ends it early, with what there is', async () => {
  const stop = new AbortController()
  const services = [scriptedService({ name: 'a' }), scriptedService({ name: 'b', acts: ['hang'] })]
  setTimeout(() => stop.abort(), 5)
  const { results } = await checkAll(await resolveConfig({ services }), { signal: stop.signal })
  expect(results.map(({ name }) => name)).toEqual(['a'])
  expect(services[1]!.inFlight).toBe(0)
})

test('without services there is nothing to do', async () => {
  expect((await round({})).results).toEqual([])
})
