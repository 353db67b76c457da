import { readdirSync } from 'node:fs'
import { thisInstance } from '@uptimeserver/core'
import { describe, expect, test } from 'vitest'
import { serve } from '../../../plugins/http/test/support/servers.js'
import { Project } from '../../../test/support/uptime.js'
import { aheadOf, judgeReadings } from '../src/doctor/clock.js'
import { judgeNode } from '../src/doctor/config.js'
import { judgeLease } from '../src/doctor/leadership.js'
import { config, examine, SHOP } from './support/examination.js'

test('all is well: everything that was looked at, and what was found, also beside a monitor that runs', async () => {
  await using server = await serve((_, response) => response.end('x'))
  const site = `http('${server.url.replace('127.0.0.1', 'localhost')}')`
  using project = config(`zone: 'Europe/Berlin', services: [${site}], reference: http('${server.url}')`)
  await using monitor = project.run()
  await monitor.until(({ to }) => to === 'up')
  const { code, stdout, stderr } = await project.uptime('doctor')
  expect([code, stderr]).toEqual([0, ''])
  for (const line of [
    /^● ok {7}node {8}Node\.js \d+\.\d+\.\d+$/m,
    /^● ok {7}config {6}uptime\.config\.mjs is valid: 1 service, 0 providers$/m,
    /^● ok {7}storage {5}sqlite-storage opens, reads and takes writes; its log has \d+ entries; [\d.]+ GiB free$/m,
    /^● ok {7}leadership {2}.+ \(pid \d+\) leads, and renewed its lease \d+s ago$/m,
    /^● ok {7}journal {5}.+uptime\.journal .+ GiB free$/m,
    /^● ok {7}clock {7}in time with localhost:\d+, 127\.0\.0\.1:\d+ as far as a Date header tells; it is .+ in Europe\/Berlin$/m,
    /^● ok {7}dns {9}1 host found: localhost$/m,
    /^● ok {7}reference {3}http:.+ answers in \d+ ms$/m,
    /^8 ok$/m,
  ])
    expect(stdout).toMatch(line)
  expect(stdout).not.toContain('mend:')
  expect((await monitor.end()).code).toBe(0)
})

describe('it changes nothing', () => {
  test('where nothing is on record yet, nothing is made', async () => {
    using project = config(`services: [${SHOP}]`)
    const { the } = await examine(project)
    expect(the('storage')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('nothing is on record yet'),
    })
    expect(the('leadership')!.found).toContain('nobody has led yet')
    expect(readdirSync(project.folder)).toEqual(['uptime.config.mjs'])
  })

  test('a record is as it was, however often it is looked at', async () => {
    using project = config(`services: [${SHOP}]`)
    await using monitor = project.run()
    await monitor.until(({ to }) => to === 'up')
    await monitor.end()
    const shown = async () => {
      const all = [['status'], ['status', '--monitor'], ['downtimes'], ['journal', '--facts']]
      return Promise.all(all.map(async (words) => (await project.uptime(...words, '--json')).stdout))
    }
    const [before, files] = [await shown(), readdirSync(project.folder)]
    const first = await examine(project)
    expect(await examine(project)).toMatchObject({ findings: expect.arrayContaining([first.the('storage')]) })
    expect([await shown(), readdirSync(project.folder)]).toEqual([before, files])
    expect(first.the('leadership')!.found).toContain('nobody leads')
  })
})

describe('the config', () => {
  test('that is missing or wrong is a problem, and the rest is left out', async () => {
    using empty = new Project()
    const missing = await examine(empty)
    expect([missing.code, missing.config]).toEqual([1, null])
    expect(missing.the('config')).toMatchObject({
      state: 'problem',
      mend: expect.stringContaining('uptime init'),
    })
    expect(missing.findings.map(({ check }) => check)).toEqual(['node', 'config'])
    using wrong = config(`evry: '5s'`)
    expect((await examine(wrong)).the('config')!.found).toContain('did you mean every?')
  })

  test('with several faults has a line for each, and why nothing else was looked at is said', async () => {
    using wrong = config(`evry: '5s', zone: 'Nowhere', services: [${SHOP}]`)
    const { code, stdout } = await wrong.uptime('doctor')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^● problem {2}config {6}uptime\.config\.mjs: the config has 2 problems:$/m)
    expect(stdout).toMatch(/^ {4}- evry: .+did you mean every\?$/m)
    expect(stdout).toMatch(/^ {4}- zone: found "Nowhere", expected .+$/m)
    expect(stdout).toMatch(/\n\nNothing else was looked at: .+\n1 problem, 1 ok\n$/)
  })

  test('without references is well, and told what one is good for', async () => {
    using project = config(`services: [${SHOP}]`)
    expect((await examine(project)).the('reference')).toMatchObject({
      ...{ state: 'ok', mend: null },
      found: expect.stringContaining("such as `reference: http('https://example.com')`"),
    })
  })

  test('with warnings is told of them, and they are no failure', async () => {
    using project = config('services: []')
    const { code, about } = await examine(project)
    expect([code, about('config').map(({ state }) => state)]).toEqual([0, ['ok', 'warning']])
  })

  test('a wrong command line ends with 2', async () => {
    using project = config(`services: [${SHOP}]`)
    expect((await project.uptime('doctor', '--nonsense')).code).toBe(2)
  })
})

describe('the clock', () => {
  test('is held against the Date of a service of the config', async () => {
    const ahead = 600_000
    await using server = await serve((_, response) => {
      response.setHeader('date', new Date(Date.now() + ahead).toUTCString()).end('x')
    })
    using project = config(`services: [http('${server.url}')]`)
    const { code, the } = await examine(project)
    expect(code).toBe(1)
    expect(the('clock')).toMatchObject({ state: 'problem', mend: expect.stringContaining('NTP') })
    expect(the('clock')!.found).toMatch(/^(10m|9m 59s) behind 127\.0\.0\.1:\d+; it is .+ in UTC$/)
  })

  test('that nothing tells the time beside is not called right', async () => {
    using project = config(`services: [${SHOP}, http('http://127.0.0.1:1/')]`)
    const { the } = await examine(project)
    expect(the('clock')).toMatchObject({
      state: 'warning',
      found: expect.stringMatching(/^compared with nothing/),
    })
  })

  test('a Date means the second that begins then, and the time that an answer takes counts for nobody', () => {
    expect(aheadOf(10_000, 9_900, 10_100)).toBe(0)
    expect(aheadOf(10_000, 10_999, 11_050)).toBe(0)
    expect(aheadOf(10_000, 5_000, 15_000)).toBe(0)
    expect(aheadOf(10_000, 14_000, 14_100)).toBe(3_000)
    expect(aheadOf(10_000, 6_000, 6_100)).toBe(-3_900)
  })

  test('one host that is wrong itself is not believed against two', () => {
    const reading = (ahead: number) => ({ host: `host${ahead}`, ahead })
    expect(judgeReadings([reading(0), reading(-86_400_000), reading(500)], '').state).toBe('ok')
    expect(judgeReadings([reading(5_000), reading(5_200), reading(0)], '').state).toBe('warning')
    expect(judgeReadings([reading(-70_000)], '').found).toBe('1m 10s behind host-70000; ')
  })
})

describe('what is out there', () => {
  test('hosts without an address are named, addresses and secrets are not looked up', async () => {
    const services = [
      'http://nowhere.invalid/',
      'http://localhost:1/',
      'http://127.0.0.1:1/',
      'http://[::1]:1/',
    ]
      .map((url) => `http('${url}')`)
      .join(', ')
    const head = `import { secret } from 'uptimeserver'`
    using project = config(
      `services: [${services}, http(secret('http://key.invalid/'), { name: 'own' })]`,
      head,
    )
    const { code, the, findings } = await examine(project)
    expect([code, the('dns')!.state]).toEqual([1, 'problem'])
    expect(the('dns')!.found).toMatch(/^1 of 2 hosts not found: nowhere\.invalid \((ENOTFOUND|EAI_AGAIN)\)$/)
    expect(JSON.stringify(findings)).not.toContain('key.invalid')
  })

  test('each provider has to give its set in time; none of what it finds is checked', async () => {
    const head = `
      const found = [{ kind: 'own', name: 'a', check() { throw process.exit(9) } }]
      const good = { name: 'good', async *discover() { yield { services: found, skipped: [{ what: 'x', reason: 'y' }] } } }
      const bad = { name: 'bad', async *discover() { throw new Error('no rights') } }
      const mute = { name: 'mute', async *discover() { await new Promise(() => {}) } }`
    using project = config('providers: [good, bad, mute]', head)
    const began = performance.now()
    const { code, about } = await examine(project)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect([code, about('provider').map(({ state, found }) => [state, found])]).toEqual([
      1,
      [
        ['warning', 'good: 1 service, 1 skipped: x: y'],
        ['problem', expect.stringMatching(/^bad gave no set: .*no rights/)],
        ['problem', 'mute gave no set: no set came in time'],
      ],
    ])
  })

  test('a provider that others speak to is asked beside a monitor, and opened by nobody without one', async () => {
    const head = `import { socketProvider } from '@uptimeserver/socket-provider'`
    using project = config(
      `providers: socketProvider({ path: 'run/uptime.sock' }), services: [${SHOP}]`,
      head,
    )
    project.usePackages()
    const silent = await examine(project)
    expect(silent.the('provider')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('nobody listens'),
    })
    expect(readdirSync(project.folder)).not.toContain('run')
    await using monitor = project.run()
    await monitor.until(({ to }) => to === 'up')
    const { code, the } = await examine(project)
    expect([code, the('provider')!.found]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`process ${monitor.pid} listens at .+uptime\\.sock, with 0 services$`),
      ),
    ])
  })

  test('a reference that does not answer is a problem', async () => {
    await using server = await serve((_, response) => response.end('x'))
    const reference = `[http('${server.url}', { name: 'good' }), http('http://127.0.0.1:1/', { name: 'bad' })]`
    using project = config(`services: [${SHOP}], reference: ${reference}`)
    const { about } = await examine(project)
    expect(about('reference').map(({ state }) => state)).toEqual(['ok', 'problem'])
    expect(about('reference')[1]!.found).toContain('ECONNREFUSED')
  })
})

test('a Node.js that is too old is a problem', () => {
  expect(['20.18.9', '18.20.0', '20.19.0', '22.1.0'].map((version) => judgeNode(version).state)).toEqual([
    ...['problem', 'problem', 'ok', 'ok'],
  ])
})

test('a lease says whether somebody leads, has gone silent, or has a clock that goes ahead', () => {
  const now = Date.parse('2026-11-22T08:00:00Z')
  const held = { holder: 'web-1/4711/99/feedfacecafe/ab', term: 3, acquired: now - 60_000, duration: 15_000 }
  const found = (renewed: number, holder = held.holder) => judgeLease({ ...held, holder, renewed }, now).found
  expect(found(now - 3_000)).toBe('web-1 (pid 4711) leads, and renewed its lease 3s ago')
  expect(found(now - 90_000)).toBe('web-1 (pid 4711) has not renewed its lease for 1m 30s')
  expect(found(now + 9_000)).toBe('the clock of web-1 (pid 4711) is 9s ahead of this one')
  const [host, , , ...rest] = thisInstance().id.split('/')
  const gone = [host, process.pid, 1, ...rest].join('/')
  if (process.platform === 'linux')
    expect(found(now - 3_000, gone)).toMatch(/ led until 3s ago, and is gone$/)
  expect(judgeLease(undefined, now).state).toBe('ok')
  expect(judgeLease({ ...held, holder: null, renewed: now }, now).state).toBe('ok')
})
