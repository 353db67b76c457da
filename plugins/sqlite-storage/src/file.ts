import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isUptimeError, UptimeError } from '@uptimeserver/core'
import { type Database, openDatabase } from './driver.js'
import { storageError } from './errors.js'
import { APPLICATION_ID, MIGRATIONS } from './schema.js'

/** How long SQLite waits for another writer before it says busy, in ms. Nobody waits for it but the storage's thread. */
const BUSY_TIMEOUT = 5_000

/** Opens a file for reading. `undefined` where there is nothing yet; nothing is created. */
export function openForReading(path: string): Database | undefined {
  if (!existsSync(path)) return undefined
  try {
    return guarded(path, () => openReader(path, path))
  } catch (error) {
    // Where not even the shared memory of readers can be made, as on a read-only disk, nobody writes either.
    if (!isUptimeError(error, 'STORAGE_UNWRITABLE') || existsSync(`${path}-wal`)) throw error
    return guarded(path, () => openReader(`${pathToFileURL(path).href}?immutable=1`, path))
  }
}

function openReader(location: string, path: string): Database | undefined {
  const database = openDatabase(location, true)
  return closeUnless(database, () => {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
    return versionOf(database, path) > 0 ? database : undefined
  })
}

/** Opens a file for writing, creates it (0600) or brings its schema up to date. A file that is not ours stays as it is. */
export function openForWriting(path: string): Database {
  const isNew = guarded(path, () => create(path))
  try {
    return guarded(path, () => {
      const database = openDatabase(path, false)
      return closeUnless(database, () => prepare(database, path))
    })
  } catch (error) {
    if (isNew) removeEmpty(path)
    throw error
  }
}

function prepare(database: Database, path: string): Database {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
  versionOf(database, path)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('BEGIN IMMEDIATE')
  const version = versionOf(database, path)
  for (const step of MIGRATIONS.slice(version)) database.exec(step)
  // Written even when nothing is new: a disk that is full or read-only shows now and not at the first outage.
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`,
  )
  return database
}

/** The schema's version, 0 for an empty file. Throws where the file is another program's, or a newer one's. */
function versionOf(database: Database, path: string): number {
  // First of all: another process of ours may make it in between, all of it at once.
  const isEmpty = !database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  if (isEmpty && application === 0) return 0
  if (application !== APPLICATION_ID) {
    throw new UptimeError(
      'STORAGE_FOREIGN',
      `sqlite-storage ${path}: it is another program's database; name another file`,
    )
  }
  if (version > MIGRATIONS.length) {
    const found = `its schema is version ${version}, this program knows up to ${MIGRATIONS.length}`
    throw new UptimeError('STORAGE_TOO_NEW', `sqlite-storage ${path}: ${found}; update uptimeserver`)
  }
  return version
}

function pragma(database: Database, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? { none: 0 })[0])
}

function create(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true })
  try {
    closeSync(openSync(path, 'wx', 0o600))
    chmodSync(path, 0o600)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function removeEmpty(path: string): void {
  try {
    if (statSync(path).size === 0) unlinkSync(path)
  } catch {
    // It could not be made in the first place.
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw storageError(error, path)
  }
}

function closeUnless<T extends Database | undefined>(database: Database, work: () => T): T {
  let result: T | undefined
  try {
    result = work()
    return result
  } finally {
    if (!result) database.close()
  }
}
