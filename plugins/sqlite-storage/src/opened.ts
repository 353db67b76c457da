import { rmSync, statSync } from 'node:fs'
import type { Database } from './driver.js'
import { openForReading, openForWriting } from './file.js'
import { Statements } from './statements.js'

/** What SQLite keeps beside a file, by the file's name. */
const COMPANIONS = ['-wal', '-shm'] as const

/** A database, and the file that it was opened at. */
export class Opened {
  readonly database: Database
  readonly statements: Statements
  readonly #path: string
  readonly #file: string | undefined
  readonly #companions: ReadonlyMap<string, string | undefined>

  private constructor(path: string, database: Database) {
    this.#path = path
    this.database = database
    this.statements = new Statements(database)
    this.#file = identityOf(path)
    this.#companions = new Map(COMPANIONS.map((end) => [path + end, identityOf(path + end)]))
  }

  /** `undefined` where there is nothing to read yet. @throws UptimeError `STORAGE_…` */
  static at(path: string, readOnly: boolean): Opened | undefined {
    const database = readOnly ? openForReading(path) : openForWriting(path)
    return database && new Opened(path, database)
  }

  /** SQLite would go on with a file that was removed, or moved away, as if nothing were. */
  get isThere(): boolean {
    return identityOf(this.#path) === this.#file
  }

  /**
   * Closes a file that somebody took away. It is made whole, wherever it is now; and what lies beside its old path must not be
   * taken for a part of the file that comes to stand there: https://www.sqlite.org/howtocorrupt.html#unlink
   */
  leave(): void {
    try {
      this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // A disk that is gone takes nothing.
    }
    this.close()
    for (const [path, identity] of this.#companions) removeIf(path, identity)
  }

  close(): void {
    this.database.close()
  }
}

function removeIf(path: string, identity: string | undefined): void {
  if (identity === undefined || identityOf(path) !== identity) return
  rmSync(path, { force: true })
}

/** What tells a file from another at the same path; `undefined` where there is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}
