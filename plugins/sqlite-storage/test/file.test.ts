import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Storage } from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/driver.js'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uptime-sqlite-'))
  path = join(folder, 'uptime.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const added: Event = {
  type: 'service-added',
  id: 'a',
  at: 1,
  service: { id: 's', kind: 'k', name: 'n', sources: [] },
}

async function open(options: { readOnly?: boolean; path?: string } = {}): Promise<Storage> {
  const storage = sqliteStorage({ path: options.path ?? path })
  await storage.open(quietContext(), { monitor: 'default', readOnly: options.readOnly ?? false })
  return storage
}

/** Opens for writing and for reading; both must refuse, and leave the file as it is. */
async function expectRefusal(code: string, message: RegExp) {
  const before = readFileSync(path)
  for (const readOnly of [false, true]) {
    await expect(open({ readOnly })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  }
  expect(readFileSync(path).equals(before)).toBe(true)
  expect(readdirSync(folder)).toEqual(['uptime.db'])
}

test('a file that is no database is left alone', async () => {
  writeFileSync(path, 'Dear diary, today nothing went down.\n'.repeat(100))
  await expectRefusal('STORAGE_FOREIGN', /the file is no database; name another file/)
})

test("another program's database is left alone", async () => {
  const database = openDatabase(path, false)
  database.exec('CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES (1)')
  database.close()
  await expectRefusal('STORAGE_FOREIGN', /another program's database/)
})

test('a database of a newer version is left alone', async () => {
  await (await open()).close()
  const database = openDatabase(path, false)
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99')
  database.close()
  await expectRefusal(
    'STORAGE_TOO_NEW',
    /its schema is version 99, this program knows up to \d+; update uptimeserver/,
  )
})

test('a folder in the place of the file is told', async () => {
  mkdirSync(path)
  await expect(open()).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) })
  await expect(open({ readOnly: true })).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) })
})

test('a damaged database is an error and not a crash', async () => {
  const storage = await open()
  await storage.record([added])
  await storage.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4_096, 40_000)
  writeFileSync(path, bytes)
  const damaged = open().then((opened) => opened.services().finally(() => opened.close()))
  await expect(damaged).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) })
})

test('a new file is for its owner only, whatever the umask', async () => {
  const storage = await open({ path: join(folder, 'deep', 'er', 'uptime.db') })
  await storage.record([added])
  for (const name of readdirSync(join(folder, 'deep', 'er'))) {
    expect(statSync(join(folder, 'deep', 'er', name)).mode & 0o777).toBe(0o600)
  }
  await storage.close()
})

test('a clean end leaves one file', async () => {
  const storage = await open()
  await storage.record([added])
  await storage.close()
  expect(readdirSync(folder)).toEqual(['uptime.db'])
})

test('reading where there is nothing creates nothing', async () => {
  const storage = await open({ readOnly: true })
  expect(await storage.services()).toEqual([])
  await storage.close()
  expect(readdirSync(folder)).toEqual([])
})

test('several readers read beside the writer', async () => {
  const writer = await open()
  const readers = await Promise.all([1, 2, 3].map(() => open({ readOnly: true })))
  await writer.record([added])
  for (const reader of readers) expect(await reader.services()).toHaveLength(1)
  await Promise.all(readers.map((reader) => reader.close()))
  await writer.close()
})

test('a lock that another process holds is waited for, and then told', async () => {
  const writer = await open()
  const rival = openDatabase(path, false)
  rival.exec('BEGIN IMMEDIATE')
  const started = performance.now()
  const writing = writer.record([added])
  await new Promise((resolve) => setTimeout(resolve, 100))
  rival.exec('COMMIT')
  await writing
  expect(performance.now() - started).toBeLessThan(5_000)
  rival.exec('BEGIN IMMEDIATE')
  await expect(writer.record([{ ...added, id: 'b' }])).rejects.toMatchObject({ code: 'STORAGE_BUSY' })
  rival.exec('ROLLBACK')
  rival.close()
  expect(await writer.record([{ ...added, id: 'b' }])).toBe(2)
  await writer.close()
}, 20_000)

describe('a file that goes while it is open', { timeout: 20_000 }, () => {
  const down: Event = { type: 'down', id: 'd', at: 2, service: 's', start: 2, reason: 'r' }
  const servicesIn = async (at: string) => {
    const reader = await open({ readOnly: true, path: at })
    const services = await reader.services()
    await reader.close()
    return services.map(({ id }) => id)
  }

  /** One that is open, and of which there is a copy. */
  const backedUp = async () => {
    const storage = await open()
    await storage.record([added])
    await storage.close()
    copyFileSync(path, `${path}.backup`)
    await storage.open(quietContext(), { monitor: 'default' })
    return storage
  }

  const expectWhole = () => {
    const database = openDatabase(path, true)
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
  }
  /** A file that was taken away is waited for; then there is a new one. */
  const afterThat = (work: () => Promise<unknown>) =>
    expect.poll(() => work().catch(({ code }) => code), { timeout: 10_000, interval: 100 })

  test('removed: what comes waits a while, then goes into a new one, and whoever knows what was in the old one is told', async () => {
    const storage = await open()
    const cursor = await storage.record([added])
    for (const end of ['', '-wal', '-shm']) rmSync(path + end)
    await expect(storage.record([down], { after: cursor })).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('the file is gone; put one there, or a new one is made after 5 s'),
    })
    await afterThat(() => storage.record([down], { after: cursor })).toBe('RECORD_LOST')
    expect(await storage.services()).toEqual([])
    expect(await storage.record([added])).toBe(1)
    await storage.close()
    expect(readdirSync(folder)).toEqual(['uptime.db'])
    expect(await servicesIn(path)).toEqual(['s'])
  })

  test('moved away: it is made whole where it is, and a new one begins', async () => {
    const storage = await open()
    await storage.record([added])
    renameSync(path, `${path}.old`)
    const other = { ...added, id: 'b', service: { ...added.service, id: 't' } } as Event
    await afterThat(() => storage.record([other])).toBe(1)
    await storage.close()
    expect(readdirSync(folder).sort()).toEqual(['uptime.db', 'uptime.db.old'])
    expect(await servicesIn(`${path}.old`)).toEqual(['s'])
    expect(await servicesIn(path)).toEqual(['t'])
  })

  test('moved away, and a copy is made in its place: that one is used, and nothing is in its way', async () => {
    const storage = await backedUp()
    await storage.record([down])
    renameSync(path, `${path}.old`)
    await expect(storage.cursor()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
    copyFileSync(`${path}.backup`, path)
    expect(await storage.cursor()).toBe(1)
    await storage.close()
    expect(await servicesIn(path)).toEqual(['s'])
  })

  test('moved away and back: whoever looked meanwhile takes nothing from whoever did not', async () => {
    const [storage, other] = [await open(), await open()]
    await storage.record([added])
    renameSync(path, `${path}.away`)
    await expect(storage.cursor()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
    renameSync(`${path}.away`, path)
    expect(await other.record([down], { after: 1 })).toBe(2)
    expect(await storage.cursor()).toBe(2)
    await Promise.all([storage.close(), other.close()])
    expectWhole()
    expect(await servicesIn(path)).toEqual(['s'])
  })

  test('a copy in its place: nothing of the one before gets into it', async () => {
    const storage = await backedUp()
    for (let n = 0; n < 500; n++)
      await storage.record([{ ...added, id: `x${n}`, service: { ...added.service, id: `x${n}` } } as Event])
    const standby = await open()
    renameSync(`${path}.backup`, path)
    for (const each of [standby, storage]) expect((await each.services()).map(({ id }) => id)).toEqual(['s'])
    expect(await storage.record([down], { after: 1 })).toBe(2)
    expect(await standby.cursor()).toBe(2)
    await Promise.all([storage.close(), standby.close()])
    expect(readdirSync(folder)).toEqual(['uptime.db'])
    expectWhole()
  })

  test('in another file, a lease of another holder is not written over, however often it was renewed', async () => {
    const lease = { holder: 'a', term: 1, acquired: 1, renewed: 1, duration: 15_000 }
    const [storage, other] = [await open(), await open({ path: `${path}.other` })]
    const token = await storage.leases!.write(lease, undefined)
    expect(await other.leases!.write({ ...lease, holder: 'b' }, undefined)).toBeDefined()
    await Promise.all([storage.close(), other.close()])
    const exchanged = await open({ path: `${path}.other` })
    expect(await exchanged.leases!.write(lease, token)).toBeUndefined()
    expect((await exchanged.leases!.read())!.lease.holder).toBe('b')
    await exchanged.close()
  })

  test('its whole folder: it is made anew', async () => {
    const inner = join(folder, 'data/uptime.db')
    const storage = await open({ path: inner })
    await storage.record([added])
    rmSync(join(folder, 'data'), { recursive: true })
    await afterThat(() => storage.record([added])).toBe(1)
    await storage.close()
    expect(await servicesIn(inner)).toEqual(['s'])
  })
})

test('facts that do not fit are refused for good, and the batch with them', async () => {
  const storage = await open()
  const broken = { type: 'gap', id: 'g', at: 1, service: 's' } as unknown as Event
  await expect(storage.record([added, broken])).rejects.toMatchObject({ code: 'FACTS_REFUSED' })
  expect(await storage.services()).toEqual([])
  await storage.close()
})

test('a storage that is not open says so', async () => {
  const storage = sqliteStorage({ path })
  await expect(storage.record([added])).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  await storage.close()
})

test('wrong options are told', () => {
  expect(sqliteStorage({ path: '' }).problems).toMatchObject([
    { path: 'path', expected: 'the path of a file' },
  ])
  expect(sqliteStorage({ file: 'x' } as never).problems).toMatchObject([
    { path: 'file', found: 'an unknown option' },
  ])
})

/** Real full and read-only disks have to be mounted. */
const needsRoot = (name: string, body: () => Promise<void>) =>
  test(name, (context) =>
    process.getuid?.() === 0 ? body() : context.skip('needs root, to mount a small disk'),
  )

needsRoot('a full disk is told at the start and leaves what is there', async () => {
  await onTmpfs('size=500k', async (mounted) => {
    const file = join(mounted, 'uptime.db')
    const storage = await open({ path: file })
    await storage.record([added])
    await storage.close()
    const before = readFileSync(file)
    spawnSync('dd', ['if=/dev/zero', `of=${join(mounted, 'fill')}`, 'bs=1k'])
    await expect(open({ path: file })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(readFileSync(file).equals(before)).toBe(true)
    await expect(open({ path: join(mounted, 'new.db') })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(readdirSync(mounted).filter((name) => name.startsWith('new'))).toEqual([])
    rmSync(join(mounted, 'fill'))
    const again = await open({ path: file })
    expect(await again.services()).toHaveLength(1)
    await again.close()
  })
})

needsRoot('a disk that fills up while it runs loses nothing that was recorded', async () => {
  await onTmpfs('size=400k', async (mounted) => {
    const storage = await open({ path: join(mounted, 'uptime.db') })
    spawnSync('dd', ['if=/dev/zero', `of=${join(mounted, 'fill')}`, 'bs=1k'])
    const recorded: string[] = []
    let refused = 0
    for (let n = 0; n < 200; n++) {
      const event = {
        ...added,
        id: `a${n}`,
        service: { ...added.service, id: `s${n}`, name: 'x'.repeat(500) },
      } as Event
      await storage.record([event]).then(
        () => recorded.push(`s${n}`),
        (error) => {
          expect(error).toMatchObject({ code: 'STORAGE_FULL' })
          refused++
        },
      )
    }
    expect(refused).toBeGreaterThan(0)
    rmSync(join(mounted, 'fill'))
    expect((await storage.services()).map(({ id }) => id).sort()).toEqual([...recorded].sort())
    await storage.record([{ ...added, id: 'after', service: { ...added.service, id: 'after' } } as Event])
    await storage.close()
  })
})

needsRoot('a read-only file system is told when writing and no trouble when reading', async () => {
  await onTmpfs('size=1m', async (mounted) => {
    const file = join(mounted, 'uptime.db')
    const storage = await open({ path: file })
    await storage.record([added])
    await storage.close()
    execFileSync('mount', ['-o', 'remount,ro', mounted])
    await expect(open({ path: file })).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' })
    await expect(open({ path: join(mounted, 'new.db') })).rejects.toMatchObject({
      code: 'STORAGE_UNWRITABLE',
    })
    const reader = await open({ path: file, readOnly: true })
    expect(await reader.services()).toHaveLength(1)
    await reader.close()
  })
})

test('a file that may not be written is told', async (context) => {
  await (await open()).close()
  chmodSync(path, 0o400)
  const code = `
    import { sqliteStorage } from '@uptimeserver/sqlite-storage'
    import { quietContext } from '@uptimeserver/testing'
    await sqliteStorage({ path: ${JSON.stringify(path)} }).open(quietContext(), { monitor: 'default' }).catch(({ code }) => console.log(code))
    process.exit()`
  // Root may write everything, unless that very capability is taken from it.
  const isRoot = process.getuid?.() === 0
  if (isRoot && process.platform !== 'linux') context.skip('as root it needs setpriv')
  const prefix = isRoot ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : []
  const [command = '', ...args] = [...prefix, process.execPath, '--input-type=module', '-e', code]
  expect(execFileSync(command, args, { cwd: import.meta.dirname, encoding: 'utf8' })).toBe(
    'STORAGE_UNWRITABLE\n',
  )
})

/** Real full and read-only disks: a small file system in memory. */
async function onTmpfs(options: string, work: (mounted: string) => Promise<void>) {
  const mounted = join(folder, 'disk')
  mkdirSync(mounted)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mounted])
  try {
    await work(mounted)
  } finally {
    execFileSync('umount', ['-l', mounted])
  }
}
