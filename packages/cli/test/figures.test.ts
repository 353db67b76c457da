import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY, facts, HOUR, MINUTE, withStorage } from '../../../test/support/history.js'
import { Project } from '../../../test/support/uptime.js'

/** October and November 2025 in Berlin, where October has an hour more. */
const BEGIN = Date.parse('2025-10-01T00:00:00+02:00')
const END = Date.parse('2025-12-01T00:00:00+01:00')
const at = (text: string) => Date.parse(text)
const [SHOP, MAIL, SEARCH] = ['5b0b000000000001', '5b0b000000000002', '5b0b000000000003'] as const

const CONFIG = `export default { zone: 'Europe/Berlin', objective: { default: 99, categories: { infra: 90 } }, services: [] }`

async function filled(config = CONFIG): Promise<Project> {
  const project = new Project({ 'uptime.config.mjs': config })
  await withStorage(project.folder, async (storage) => {
    await storage.record([
      facts.added(
        { id: SHOP, name: 'shop', category: 'web', labels: { team: 'sales' }, objective: 99.9 },
        BEGIN,
      ),
      facts.added({ id: MAIL, name: 'mail <&>|"', category: 'infra', labels: { team: 'ops' } }, BEGIN),
      facts.added({ id: SEARCH, name: '=cmd()', category: 'web', labels: { team: 'sales' } }, BEGIN),
      ...facts.run('r1', BEGIN, at('2025-11-10T00:00:00+01:00')),
      ...facts.run('r2', at('2025-11-11T00:00:00+01:00'), END + DAY),
      ...facts.down('d1', SHOP, at('2025-10-31T23:30:00+01:00'), at('2025-11-01T00:30:00+01:00')),
      ...facts.down('d2', SEARCH, at('2025-11-01T00:15:00+01:00'), at('2025-11-01T01:15:00+01:00')),
      ...facts.down(
        'd3',
        MAIL,
        at('2025-11-09T23:00:00+01:00'),
        at('2025-11-11T01:00:00+01:00'),
        'no | <b>answer</b>',
      ),
      facts.gap(SHOP, at('2025-11-20T10:00:00+01:00'), at('2025-11-20T12:00:00+01:00')),
      ...facts.down('d4', SHOP, at('2025-11-20T11:30:00+01:00'), at('2025-11-20T12:30:00+01:00')),
    ])
  })
  return project
}

let project: Project
beforeAll(async () => {
  project = await filled()
})
afterAll(() => project[Symbol.dispose]())

const sla = (...args: string[]) => project.uptime('sla', '--of', '2025-11', ...args)

describe('uptime sla', () => {
  test('shows figures that are floored, with what they are worth and what is left', async () => {
    const { stdout, stderr, code } = await sla()
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('month 2025-11 (Europe/Berlin) · 2025-11-01 00:00 to 2025-12-01 00:00')
    expect(lines[2]).toMatch(
      /^SERVICE +UPTIME +COVERAGE +DOWNTIMES +DOWN +LONGEST +MTTR +MTBF +OBJECTIVE +BUDGET LEFT$/,
    )
    // 694 h were observed; half an hour of d1 and half an hour of d4 count.
    expect(lines.find((line) => line.startsWith('shop'))).toMatch(
      /^shop +99\.855% +96\.388% +2 +1h +30m +30m +14d 10h +99\.9% +-18m 21s \(-45%\)$/,
    )
    expect(stdout).toContain('floored, never rounded up · time that was not observed counts as nothing')
  })

  test('for machines: every number, and what it is of', async () => {
    const rows = (await sla('--json', '--group-by', 'category')).json()
    expect(rows).toHaveLength(3 + 4)
    const shop = rows.find(({ name }) => name === 'shop')
    expect(shop).toEqual({
      service: SHOP,
      kind: 'http',
      name: 'shop',
      category: 'web',
      labels: { team: 'sales' },
      period: {
        unit: 'month',
        label: '2025-11',
        start: '2025-10-31T23:00:00.000Z',
        end: '2025-11-30T23:00:00.000Z',
        zone: 'Europe/Berlin',
      },
      uptime: (100 * (694 - 1)) / 694,
      coverage: (100 * 694) / 720,
      observedMs: 694 * HOUR,
      unobservedMs: 26 * HOUR,
      maintenanceMs: 0,
      downMs: HOUR,
      downtimes: 2,
      longestMs: HOUR / 2,
      mttrMs: HOUR / 2,
      mtbfMs: (693 * HOUR) / 2,
      objective: 99.9,
      budgetMs: Math.floor((694 * HOUR) / 1000),
      budgetLeftMs: Math.floor((694 * HOUR) / 1000) - HOUR,
      budgetUsedUpAt: null,
      policy: { unobserved: 'exclude', maintenance: 'exclude' },
      version: 0,
      asOf: 1,
    })
    const group = rows.find(({ group }) => (group as { figure?: string })?.figure === 'all-up')
    expect(group).not.toHaveProperty('service')
    const web = rows.filter(({ group }) => (group as { value?: string })?.value === 'web')
    expect(web.map(({ group, downMs }) => [(group as { figure: string }).figure, downMs])).toEqual([
      ['mean', 2 * HOUR],
      ['all-up', 1.75 * HOUR],
    ])
  })

  test('knows a period by its label, and takes any range, zone and rules', async () => {
    const label = async (...args: string[]) => {
      const [row] = (await project.uptime('sla', 'shop', '--json', ...args)).json()
      return (row!.period as { label: string }).label
    }
    expect(await label('--of', '2025-11-20')).toBe('2025-11-20')
    expect(await label('--of', '2025-W47')).toBe('2025-W47')
    expect(await label('--of', '2025-Q4')).toBe('2025-Q4')
    expect(await label('--of', '2025')).toBe('2025')
    expect(await label('--period', 'quarter', '--of', '2025-Q4')).toBe('2025-Q4')
    const range = ['--from', '2025-11-20', '--to', '2025-11-21']
    expect(await label(...range)).toBe('2025-11-19T23:00:00.000Z/2025-11-20T23:00:00.000Z')
    expect(await label(...range, '--zone', 'UTC')).toBe('2025-11-20T00:00:00.000Z/2025-11-21T00:00:00.000Z')
    const open = await project.uptime('sla', '--from', '30d', '--json')
    expect(open.code).toBe(0)
  })

  test('as CSV that a spreadsheet opens and does not obey', async () => {
    const { stdout } = await sla('--csv')
    const lines = stdout.split('\r\n')
    expect(lines[0]).toMatch(
      /^name,service,kind,category,group,figure,period,start,end,zone,uptime,coverage,/,
    )
    expect(lines).toHaveLength(5)
    expect(stdout).toContain(`"mail <&>|""",${MAIL},http,infra,,,2025-11,`)
    expect(stdout).toContain(`'=cmd(),${SEARCH},`)
    expect(stdout).toMatch(new RegExp(`^shop,${SHOP},.*,${(100 * 693) / 694},`, 'm'))
  })

  test('as Markdown that shows names as they are', async () => {
    const { stdout } = await sla('--markdown')
    expect(stdout.split('\n')[0]).toBe(
      '| Service | Uptime | Coverage | Downtimes | Down | Longest | MTTR | MTBF | Objective | Budget left |',
    )
    expect(stdout).toContain('| mail \\<\\&\\>\\|" | ')
  })

  test('chooses services and groups', async () => {
    const names = async (...args: string[]) =>
      (await sla('--json', ...args)).json().map(({ name, group }) => (group ? `group ${name}` : name))
    expect(await names('shop')).toEqual(['shop'])
    expect(await names('--service', 'shop', '--service', 'mail')).toEqual(['mail <&>|"', 'shop'])
    expect(await names('--category', 'web')).toEqual(['=cmd()', 'shop'])
    expect(await names('--label', 'team=ops', '--group-by', 'label:team')).toEqual([
      'mail <&>|"',
      'group ops',
      'group ops',
    ])
    const none = await sla('nobody')
    expect([none.code, none.stderr]).toEqual([0, 'warning none of 3 services fits "nobody"\n'])
  })

  test('of a period that has not begun says so', async () => {
    const { code, stderr, stdout } = await project.uptime('sla', '--of', '2999-01', '--json')
    expect([code, stderr]).toEqual([
      0,
      'warning month 2999-01 (Europe/Berlin) has not begun: there are no figures yet\n',
    ])
    expect(JSON.parse(stdout).map(({ uptime }: { uptime: number | null }) => uptime)).toEqual([
      null,
      null,
      null,
    ])
    const early = await project.uptime('sla', '--of', '2017-10')
    expect(early.stderr).toBe('warning no service was monitored in month 2017-10 (Europe/Berlin)\n')
  })

  test.each([
    [
      ['--of', '2026-W54'],
      `found "2026-W54", expected the label of a week such as '2026-W47'; 2026 has weeks 01 to 53`,
    ],
    [['--of', '2026-02-30'], 'that month has days 01 to 28'],
    [['--of', '2026-Q5'], 'quarters are Q1 to Q4'],
    [['--of', 'November'], '--of: found "November", expected a label such as 2026-11-22, 2026-W47'],
    [['--period', 'week', '--of', '2026-11'], `expected the label of a week such as '2026-W47'`],
    [['--period', 'decade'], 'Allowed choices are day, week, month, quarter, year'],
    [['--zone', 'europe/berlin'], 'did you mean Europe/Berlin?'],
    [['--from', '2026-01-02', '--to', '2026-01-01'], 'which is not before --to'],
    [['--to', '2026-01-01'], '--to: found no --from beside it'],
    [['--from', '2026-01-01', '--of', '2026'], 'either a calendar period or a range of time'],
    [['--from', 'yesterday'], '--from: found "yesterday", expected a time such as'],
    [
      ['--group-by', 'team'],
      '--group-by: found "team", expected category, or label: and the name of a label',
    ],
    [['--report', 'weekly'], '--report: found "weekly", expected one of sla'],
    [['--json', '--csv'], 'cannot be used with'],
    [['--explain', 'nobody'], 'no service is called "nobody"'],
    [['--explain', 'm'], '2 services are called "m"'],
  ])('%j is refused, with what would do', async (args, message) => {
    const { code, stderr, stdout } = await project.uptime('sla', ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test('by the rules of the report that is named', async () => {
    using own = await filled(`
      import { sla } from 'uptimeserver'
      export default {
        services: [],
        consolidators: [
          sla(),
          sla({ name: 'strict', zone: 'Europe/Berlin', policy: { unobserved: 'down' }, filter: { categories: ['web'] } }),
        ],
      }`)
    const { stdout } = await own.uptime('sla', '--of', '2025-11', '--report', 'strict')
    expect(stdout).toContain('time that was not observed counts as down')
    expect(stdout).toMatch(/^shop +96\.250%/m)
    expect(stdout).not.toContain('mail')
  })
})

/** Reads an explanation as an auditor would: line by line, with a pocket calculator. */
function audit(text: string) {
  const number = (digits: string) => Number(digits.replaceAll(',', ''))
  const moment = (shown: string) => Date.parse(shown.replace(' ', 'T').replace(' ', ''))
  const span =
    /^(\S+ \S+ \S+) {2}(\S+ \S+ \S+) +([\d,]+) {2}(not-monitored|maintenance|unobserved|down|up) {2}/gm
  const spans = [...text.matchAll(span)].map(([, from, to, ms, as]) => ({
    ...{ from: moment(from!), to: moment(to!), ms: number(ms!), as: as! },
  }))
  const sum = (as: string) => spans.filter((one) => one.as === as).reduce((total, { ms }) => total + ms, 0)
  const downtimes = [...text.matchAll(/^(d\d+) {2}.* {2}([\d,]+) {2}/gm)].map(([, id, ms]) => [
    id,
    number(ms!),
  ])
  const policy = /unobserved: (\w+), maintenance: (\w+)/.exec(text)!
  const figure = /^uptime +=.*= ([\d.]+) %, shown as ([\d.]+)%/m.exec(text)
  return {
    spans,
    sum,
    downtimes,
    unobserved: policy[1],
    maintenance: policy[2],
    uptime: Number(figure?.[1]),
    shown: figure?.[2],
  }
}

describe('uptime sla --explain', () => {
  test.each([
    ['shop', '2025-11', CONFIG],
    ['shop', '2025-10-31', CONFIG],
    ['mail', '2025-11', CONFIG],
    [
      'mail',
      '2025-W46',
      `import { sla } from 'uptimeserver'
      export default { services: [], consolidators: [sla({ policy: { unobserved: 'down', maintenance: 'up' } })] }`,
    ],
    ['shop', '2025', `export default { zone: 'America/St_Johns', services: [] }`],
  ])('of %s in %s adds up to the figure', async (service, label, config) => {
    using own = await filled(config)
    await own.uptime('maintenance', 'add', 'shop', '--from', '2025-11-05', '--for', '3h', '--reason', 'x')
    const { stdout, stderr, code } = await own.uptime('sla', '--of', label, '--explain', service)
    expect([code, stderr]).toEqual([0, ''])
    const { spans, sum, downtimes, unobserved, maintenance, uptime, shown } = audit(stdout)
    for (const [index, { from, to, ms }] of spans.entries()) {
      expect(to - from).toBe(ms)
      if (index) expect(from).toBe(spans[index - 1]!.to)
    }
    const [dark, agreed] = [sum('unobserved'), sum('maintenance')]
    const counted =
      sum('up') +
      sum('down') +
      (unobserved === 'exclude' ? 0 : dark) +
      (maintenance === 'exclude' ? 0 : agreed)
    const down = sum('down') + (unobserved === 'down' ? dark : 0) + (maintenance === 'down' ? agreed : 0)
    expect(uptime).toBe((100 * (counted - down)) / counted)
    expect(downtimes.reduce((total, [, ms]) => total + Number(ms), 0)).toBe(sum('down'))
    const [row] = (await own.uptime('sla', '--of', label, service, '--json')).json()
    expect(row!.uptime).toBe(uptime)
    expect(Number(shown)).toBeLessThanOrEqual(uptime)
  })

  test('says why a downtime counts less than it lasted', async () => {
    const { stdout } = await sla('--explain', 'shop')
    expect(stdout).toMatch(/^d1 .*1,800,000 .*clipped: it began before the period$/m)
    expect(stdout).toMatch(/^d4 .*1,800,000 .*a part was not observed, or in maintenance$/m)
    expect(stdout).toContain('unobserved  no run of the monitor')
    expect(stdout).toContain('unobserved  gap: the check could not start in time')
  })

  test('is text, and nothing else', async () => {
    const { code, stderr } = await sla('--explain', 'shop', '--json')
    expect([code, stderr]).toEqual([
      2,
      'error --json: found beside --explain, which is text; leave one of them out\n',
    ])
  })

  test('names what was frozen, and that it will be restated', async () => {
    using own = await filled()
    await own.uptime('consolidate', 'sla')
    await withStorage(own.folder, (storage) =>
      storage.record(
        facts.down('late', SHOP, at('2025-11-15T00:00:00+01:00'), at('2025-11-15T01:00:00+01:00')),
      ),
    )
    const { stdout } = await own.uptime('sla', '--of', '2025-11', '--explain', 'shop')
    expect(stdout).toMatch(/frozen as version 1: 99\.855%; what came late makes another version of it/)
    await own.uptime('consolidate', 'sla')
    const again = await own.uptime('sla', '--of', '2025-11', '--explain', 'shop')
    expect(again.stdout).toMatch(/frozen as version 2: 99\.711% \(a downtime became known later: status 503/)
  })
})

describe('corrections', () => {
  test('take effect at once, are shown wherever the downtime is, and can be taken back', async () => {
    using own = await filled()
    await own.uptime('consolidate')
    const excluded = await own.uptime(
      'downtimes',
      'exclude',
      'd2',
      '--reason',
      'our own firewall',
      '--author',
      'Kim',
    )
    expect([excluded.code, excluded.stderr]).toEqual([0, ''])
    expect(excluded.stdout).toMatch(
      /^recorded d2 of =cmd\(\) does not count any more: our own firewall \(Kim\); \d+ frozen figures restated$/m,
    )
    const [row] = (await own.uptime('sla', '--of', '2025-11', 'cmd', '--json')).json()
    expect(row).toMatchObject({
      uptime: 100,
      version: 2,
      because: ['a downtime was excluded by Kim: our own firewall'],
    })
    const [downtime] = (await own.uptime('downtimes', 'cmd', '--json')).json()
    expect(downtime).toMatchObject({
      id: 'd2',
      excluded: true,
      observedMs: 0,
      durationMs: HOUR,
      correction: { exclude: true, author: 'Kim', reason: 'our own firewall' },
    })
    expect((await own.uptime('downtimes')).stdout).toMatch(
      /excluded by Kim: our own firewall · status 503.*d2\n/,
    )
    const included = await own.uptime('downtimes', 'include', 'd2')
    expect(included.stdout).toMatch(/counts again/)
    const [again] = (await own.uptime('sla', '--of', '2025-11', 'cmd', '--json')).json()
    expect(again).toMatchObject({ downMs: HOUR, version: 3 })
  })

  test('of what does not exist change nothing', async () => {
    const { code, stderr } = await project.uptime('downtimes', 'exclude', 'd9', '--reason', 'x')
    expect([code, stderr]).toEqual([
      2,
      'error there is no downtime "d9"; `uptime downtimes` shows their ids\n',
    ])
    const { code: silent, stderr: mend } = await project.uptime('downtimes', 'exclude', 'd1')
    expect([silent, mend]).toEqual([
      2,
      expect.stringContaining("required option '--reason <text>' not specified"),
    ])
    const empty = await project.uptime('downtimes', 'exclude', 'd1', '--reason', ' ')
    expect([empty.code, empty.stderr]).toEqual([
      2,
      expect.stringContaining('reason: found " ", expected a text of 1 to 500'),
    ])
    await withStorage(project.folder, async (storage) => expect(await storage.cursor()).toBe(1))
  })

  test('where nothing is on record yet create nothing', async () => {
    using empty = new Project({ 'uptime.config.mjs': CONFIG })
    for (const args of [
      ['downtimes', 'exclude', 'd1', '--reason', 'x'],
      ['maintenance', 'end', 'm1'],
      ['consolidate'],
    ]) {
      const { code, stderr } = await empty.uptime(...args)
      expect([code, stderr]).toEqual([
        2,
        'error nothing is on record yet: `uptime` has not run with this config\n',
      ])
    }
    expect(() => readFileSync(empty.path('uptime.db'))).toThrow()
  })
})

describe('maintenance by hand', () => {
  test('is recorded for the past, restates what it touches, and is listed', async () => {
    using own = await filled()
    await own.uptime('consolidate')
    const added = await own.uptime(
      ...[
        'maintenance',
        'add',
        'shop',
        '--from',
        '2025-11-01',
        '--to',
        '2025-11-01T12:00',
        '--reason',
        'new racks',
      ],
      ...['--author', 'Kim', '--json'],
    )
    const window = added.json<Record<string, unknown>>()
    expect(window).toMatchObject({
      start: '2025-10-31T23:00:00.000Z',
      end: '2025-11-01T11:00:00.000Z',
      services: [SHOP],
      reason: 'new racks',
      author: 'Kim',
    })
    const [row] = (await own.uptime('sla', '--of', '2025-11', 'shop', '--json')).json()
    expect(row).toMatchObject({ maintenanceMs: 12 * HOUR, downMs: HOUR / 2, version: 2 })
    const list = await own.uptime('maintenance', 'list', '--json')
    expect(list.json()).toEqual([window])
    const table = await own.uptime('maintenance', 'list')
    expect(table.stdout).toMatch(new RegExp(`^${window.id} .* shop +new racks +Kim$`, 'm'))
    const over = await own.uptime('maintenance', 'end', String(window.id))
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('is over since')])
  })

  test('without an end goes on until it is ended, and the status says so', async () => {
    using own = await filled()
    const added = await own.uptime('maintenance', 'add', '--reason', 'database moves')
    expect(added.stdout).toMatch(/until it is ended, for every service/)
    const id = /recorded (\w+):/.exec(added.stdout)![1]!
    expect((await own.uptime('status')).stdout).toMatch(/^shop .*maintenance: database moves$/m)
    const [status] = (await own.uptime('status', 'shop', '--json')).json()
    expect(status!.maintenance).toEqual({ id, end: null, reason: 'database moves' })
    expect((await own.uptime('maintenance', 'end', id)).code).toBe(0)
    expect((await own.uptime('status', 'shop')).stdout).not.toMatch(/database moves/)
  })

  test.each([
    [['--reason', 'x', '--from', '2025-11-02', '--to', '2025-11-01'], 'expected one later than the start'],
    [
      ['--reason', 'x', '--to', '2025-11-01', '--for', '2h'],
      '--for: found beside --to, expected one of them',
    ],
    [['--reason', 'x', '--for', 'long'], '--for: found "long", expected a duration'],
    [['nobody', '--reason', 'x'], 'none of 3 services is meant'],
    [['--for', '2h'], "required option '--reason <text>' not specified"],
  ])('%j is refused and writes nothing', async (args, message) => {
    const { code, stderr } = await project.uptime('maintenance', 'add', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    await withStorage(project.folder, async (storage) => expect(await storage.cursor()).toBe(1))
  })
})

describe('uptime consolidate', () => {
  test('makes what is due, is idempotent, and makes any past period again', async () => {
    using own = await filled()
    const first = await own.uptime('consolidate', 'sla')
    expect(first.stdout).toMatch(/^sla: \d+ figures frozen, \d+ refreshed$/m)
    const before = (await own.uptime('sla', '--of', '2025-10', '--json')).json()
    expect(before.map(({ version }) => version)).toEqual([1, 1, 1])
    expect((await own.uptime('consolidate', 'sla', '--period', 'month', '--of', '2025-10')).stdout).toBe(
      'sla: nothing new\n',
    )
    expect((await own.uptime('sla', '--of', '2025-10', '--json')).json()).toEqual(before)
    expect((await own.uptime('consolidate', 'sla', '--of', '2017-10')).stdout).toBe('sla: nothing new\n')
    const status = await own.uptime('consolidate', 'status', '--category', 'infra')
    expect(status.stdout).toBe('status: 1 refreshed\n')
    const shown = (await own.uptime('status', '--public', '--json')).json()
    expect(shown).toEqual([
      {
        service: MAIL,
        kind: 'http',
        name: 'mail <&>|"',
        category: 'infra',
        labels: { team: 'ops' },
        status: 'unknown',
        since: new Date(END + DAY).toISOString(),
      },
    ])
  })

  test.each([
    [
      ['sla', '--of', '2999-01'],
      'month 2999-01 (Europe/Berlin) has not begun: there is nothing to consolidate',
    ],
    [['weekly'], 'there is no consolidator "weekly", expected one of sla, status'],
    [['sla', '--category', 'web'], 'only whole reports are due; name a period with --of'],
    [['sla', '--of', '2025-W60'], '2025 has weeks 01 to 52'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await project.uptime('consolidate', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('uptime report', () => {
  const report = async (name: string, ...args: string[]) => {
    const done = await project.uptime('report', '--of', '2025-11', '--output', name, ...args)
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toBe(`wrote ${name}: month 2025-11 (Europe/Berlin), 3 services, 4 downtimes\n`)
    return readFileSync(project.path(name), 'utf8')
  }

  test('as a page: whole in itself, with names as they are and figures as everywhere', async () => {
    const page = await report('report.html', '--title', 'For <You>')
    expect(page).toContain('<h1>For &#60;You&#62;</h1>')
    expect(page).toContain('mail &#60;&#38;&#62;|&#34;')
    expect(page).toContain('no | &#60;b&#62;answer&#60;/b&#62;')
    expect(page).not.toMatch(/<script|<link|<img|https?:|url\(|<b>answer/)
    expect(page).toContain('<td class="r missed">99.855%</td>')
    expect(page.match(/<div class="bars">/g)).toHaveLength(3)
    expect(page.match(/<title>2025-11-\d\d: /g)).toHaveLength(3 * 30)
    expect(page).toContain('<title>2025-11-20: 97.727% · 1 × down, 30m · coverage 91.666%</title>')
    expect(page).toContain('Month 2025-11 (Europe/Berlin)')
    expect(page).toMatch(/Made by Uptime Server on \d{4}-\d\d-\d\d/)
  })

  test('as Markdown, CSV and JSON', async () => {
    const markdown = await report('report.md', '--group-by', 'category')
    expect(markdown).toMatch(/^# Availability report\n\nMonth 2025-11/)
    expect(markdown).toContain('| shop | 99.855% |')
    expect(markdown).toContain('| web (all up of 2) |')
    expect(await report('report.csv')).toBe((await sla('--csv')).stdout)
    const json = JSON.parse(await report('report.json', '--group-by', 'category'))
    expect(json).toMatchObject({ monitor: 'default', report: 'sla', period: { label: '2025-11' } })
    expect(json.figures).toEqual((await sla('--json', '--group-by', 'category')).json())
    expect(json.series.map(({ points }: { points: object[] }) => points.length)).toEqual([30, 30, 30])
    expect(
      json.downtimes.map(({ id, observedMs }: { id: string; observedMs: number }) => [id, observedMs]),
    ).toEqual([
      ['d1', 30 * MINUTE],
      ['d2', HOUR],
      ['d3', 2 * HOUR],
      ['d4', 30 * MINUTE],
    ])
  })

  test.each(['.html', '.md'])('as %s of a period that has not begun, tells of nothing yet', async (kind) => {
    const done = await project.uptime(
      'report',
      '--period',
      'year',
      '--of',
      '2999',
      '--output',
      `later${kind}`,
    )
    expect([done.code, done.stderr]).toEqual([
      0,
      'warning year 2999 (Europe/Berlin) has not begun: there are no figures yet\n',
    ])
    const text = readFileSync(project.path(`later${kind}`), 'utf8')
    expect(text).toContain('0 downtimes')
    expect(text).not.toContain('by month')
  })

  test('says which services came later, and which went before the end', async () => {
    using project = new Project({ 'uptime.config.mjs': CONFIG })
    await withStorage(project.folder, async (storage) => {
      await storage.record([
        facts.added({ id: SHOP, name: 'shop' }, at('2025-11-05T12:00:00+01:00')),
        facts.added({ id: MAIL, name: 'mail' }, BEGIN),
        ...facts.run('r1', BEGIN, at('2025-12-10T00:00:00+01:00')),
        facts.removed(MAIL, at('2025-11-20T08:30:00+01:00')),
        facts.removed(SHOP, at('2025-12-05T08:30:00+01:00')),
      ])
    })
    await project.uptime('report', '--of', '2025-11', '--output', 'report.md')
    const markdown = readFileSync(project.path('report.md'), 'utf8')
    expect(markdown).toContain('shop 2025-11-05 12:00; what was before counts as nothing.')
    expect(markdown).toContain('mail 2025-11-20 08:30; what came after counts as nothing.')
  })

  test('into a file of a kind that nobody knows, or a folder that is not there, is refused', async () => {
    const pdf = await project.uptime('report', '--output', 'report.pdf')
    expect([pdf.code, pdf.stderr]).toEqual([
      2,
      expect.stringContaining('expected a file that ends with .html, .md, .csv, .json'),
    ])
    const nowhere = await project.uptime('report', '--output', 'no/where.html')
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining('--output: no/where.html cannot be written'),
    ])
  })
})
