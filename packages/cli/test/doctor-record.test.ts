import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { onOwnDisk } from '../../../test/servers/private-mount.js'
import { command } from '../../../test/servers/tools.js'
import { orSkip } from '../../../test/support/or-skip.js'
import { config, examine, type Report, SHOP } from './support/examination.js'

const BIN = join(import.meta.dirname, '../dist/bin.js')
/** One fact, as core's records.ts documents them. */
const JOURNAL = [
  { header: { monitor: 'default', holder: 'web-1/4711/99/feedfacecafe/ab12cd34ef', term: 3 } },
  {
    fact: { type: 'down', id: 'r-2', at: 2_000, service: '6f3c1d0a9b2e4875', start: 1_000, reason: 'closed' },
  },
]
  .map((record) => JSON.stringify(record))
  .map((text) => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`)
  .join('')

describe('the storage', () => {
  const over = (uri: string) => {
    const head = `import { mongoStorage } from '@uptimeserver/mongo-storage'`
    const project = config(`storage: mongoStorage({ uri: '${uri}' }), services: [${SHOP}]`, head)
    project.usePackages()
    return project
  }

  describe('in MongoDB', () => {
    const mongo = forAll(startMongo)

    test('is read and written to, and its leader is named', async () => {
      using project = over(mongo().url)
      await using monitor = project.run()
      await monitor.until(({ to }) => to === 'up')
      const { code, the } = await examine(project)
      expect(code).toBe(0)
      expect(the('storage')!.found).toMatch(
        /^mongo-storage opens, reads and takes writes; its log has \d+ entries$/,
      )
      expect(the('leadership')!.found).toContain(`(pid ${monitor.pid}) leads`)
    })
  })

  test('that cannot be reached is a problem with its mend', async () => {
    using project = over('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500')
    const { code, the } = await examine(project)
    expect([code, the('storage')!.state]).toEqual([1, 'problem'])
    expect(the('storage')!.mend).toContain('start the server')
  })

  test('that never opens keeps nothing else waiting', async () => {
    const head = 'const storage = sqliteStorage(); storage.open = () => new Promise(() => {})'
    using project = config(`storage, services: [${SHOP}]`, head)
    const { the } = await examine(project)
    expect(the('storage')).toMatchObject({
      state: 'problem',
      found: 'sqlite-storage did not open within 10s',
    })
    expect(the('journal')!.state).toBe('ok')
  })

  test.for([
    ['size=1m', 'problem', /: only \d\.\d MiB free$/, 'make room on that disk'],
    ['size=100m', 'warning', /: only \d+\.\d MiB free$/, 'make room on that disk'],
    [
      'size=512m,ro',
      'problem',
      /: its file system is read-only$/,
      'let the user who runs the monitor write there',
    ],
  ] as const)('and the journal on a disk with %s: %s', async ([options, state, found, mend], { skip }) => {
    using project = config(
      `storage: sqliteStorage({ path: 'disk/uptime.db' }), journal: { folder: 'disk' }, services: [${SHOP}]`,
    )
    const [name, ...under] = await orSkip(onOwnDisk(project.path('disk'), `${options},mode=700`), skip)
    const args = [...under, process.execPath, BIN, 'doctor', '--json']
    const { stdout } = await command('sh', ['-c', '"$0" "$@" || true', name!, ...args], {
      cwd: project.folder,
    })
    const { findings } = JSON.parse(stdout) as Report
    for (const check of ['storage', 'journal'])
      expect(findings.find((finding) => finding.check === check)).toEqual({
        ...{ check, state, mend, found: expect.stringMatching(found) },
      })
  })
})

describe('the journal', () => {
  test('that others may look into is told, with the mend; after that all is well', async () => {
    using project = config(`services: [${SHOP}]`)
    const folder = project.path('uptime.journal')
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    const { code, the } = await examine(project)
    expect([code, the('journal')]).toEqual([
      0,
      {
        ...{ check: 'journal', state: 'warning', mend: `chmod 700 ${folder}` },
        found: `others may look into ${folder} (mode 755)`,
      },
    ])
    await command('sh', ['-c', the('journal')!.mend!])
    expect((await examine(project)).the('journal')!.state).toBe('ok')
  })

  test('that is a file is a problem', async () => {
    using project = config(`services: [${SHOP}]`)
    project.write('uptime.journal', '')
    expect((await examine(project)).the('journal')).toMatchObject({
      state: 'problem',
      found: expect.stringMatching(/is no folder$/),
    })
  })

  test('in which facts wait says how many, and leaves them there', async () => {
    using project = config(`services: [${SHOP}]`)
    mkdirSync(project.path('uptime.journal'), { mode: 0o700 })
    const file = project.path('uptime.journal/abc-1.journal')
    writeFileSync(file, JOURNAL)
    const { about } = await examine(project)
    expect(about('journal').map(({ found }) => found)).toEqual([
      expect.stringContaining('is private'),
      '1 fact not stored yet',
    ])
    expect(readFileSync(file, 'utf8')).toBe(JOURNAL)
  })
})
