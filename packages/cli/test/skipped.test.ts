import { describe, expect, test } from 'vitest'
import { config, examine, SHOP } from './support/examination.js'

/** A provider that finds these, and skips so many files. */
const provider = (services: string, count: number) => `{
  name: 'files',
  async *discover() {
    const skipped = Array.from({ length: ${count} }, (_, index) => ({ what: index + '.yaml', reason: 'it is broken' }))
    yield { services: [${services}], skipped }
  },
}`

const A = `{ kind: 'own', name: 'a', async check() {} }`
const NOTHING = 'error nothing is left to check: all that providers found was skipped\n'

describe('check', () => {
  test('names what was skipped, and why; what is left decides', async () => {
    using project = config(`providers: [${provider(A, 2)}]`)
    const { code, stdout, stderr } = await project.uptime('check')
    expect([code, stderr]).toEqual([
      0,
      '2 objects skipped by providers:\n  0.yaml: it is broken\n  1.yaml: it is broken\n',
    ])
    expect(stdout).toMatch(/^1 up$/m)
  })

  test('names ten of many', async () => {
    using project = config(`providers: [${provider(A, 13)}]`)
    const lines = (await project.uptime('check', '--json')).stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(12)
    expect(lines.at(-1)).toBe('  and 3 more: uptime status --discovery')
  })

  test.each([[[]], [['b']]])(
    'where all is skipped, nothing was checked, so nothing is up: %j',
    async (words) => {
      using project = config(`providers: [${provider('', 1)}]`)
      const told = `1 object skipped by providers:\n  0.yaml: it is broken\n${NOTHING}`
      const forPeople = await project.uptime('check', ...words)
      expect([forPeople.code, forPeople.stdout, forPeople.stderr]).toEqual([2, '', told])
      const forMachines = await project.uptime('check', ...words, '--json')
      expect([forMachines.code, forMachines.stdout, forMachines.stderr]).toEqual([2, '[]\n', told])
    },
  )

  test('a provider that finds nothing is well, unless a filter asks for something', async () => {
    using project = config(`providers: [${provider('', 0)}]`)
    const all = await project.uptime('check', '--json')
    expect([all.code, all.stdout, all.stderr]).toEqual([0, '[]\n', ''])
    const one = await project.uptime('check', 'b', '--json')
    expect([one.code, one.stderr]).toEqual([
      2,
      'error nothing to check: there are no services that the filter could fit\n',
    ])
  })
})

test('doctor: what is skipped is a warning, and a problem where nothing is left', async () => {
  using some = config(`providers: [${provider(A, 2)}]`)
  const warned = await examine(some)
  expect([warned.code, warned.the('provider')]).toEqual([
    0,
    {
      ...{ check: 'provider', state: 'warning' },
      found: 'files: 1 service, 2 skipped: 0.yaml: it is broken, and 1 more',
      mend: expect.stringContaining('uptime status --discovery'),
    },
  ])
  using none = config(`providers: [${provider('', 1)}]`)
  const failed = await examine(none)
  expect([failed.code, failed.the('provider')]).toMatchObject([
    1,
    { state: 'problem', found: 'files: 0 services, 1 skipped: 0.yaml: it is broken' },
  ])
})

test('run: the event of a provider carries ten reasons, and how many there are', async () => {
  using project = config(`services: [${SHOP}], providers: [${provider(A, 13)}]`)
  await using monitor = project.run()
  const { name, skipped, reasons } = await monitor.until(({ event }) => event === 'provider')
  expect([name, skipped]).toEqual(['files', 13])
  expect(reasons).toEqual(
    Array.from({ length: 10 }, (_, index) => ({ what: `${index}.yaml`, reason: 'it is broken' })),
  )
  expect((await monitor.end()).code).toBe(0)
})
