import { realpathSync, rmSync, statSync } from 'node:fs'
import type { Database } from './driver.js'
import { openForReading, openForWriting } from './file.js'
import { Statements } from './statements.js'

/** What SQLite keeps beside a file, by the file's name. */
const COMPANIONS = ['-wal', '-shm'] as const
/** How often in a row a file may be exchanged while it is opened. */
const ATTEMPTS = 5

/** A database, and the file that it was opened at. */
export class Opened {
  readonly database: Database
  readonly statements: Statements
  readonly #path: string
  readonly #file: string | undefined
  /** Of one who writes: nobody takes them away while it is open. */
  readonly #companions: ReadonlyMap<string, string | undefined>

  private constructor(path: string, database: Database, isReader: boolean) {
    this.#path = path
    this.database = database
    this.statements = new Statements(database)
    this.#file = identityOf(path)
    const real = isReader ? path : realpathSync(path)
    const beside = isReader ? [] : COMPANIONS.map((end) => real + end)
    this.#companions = new Map(beside.map((companion) => [companion, identityOf(companion)]))
  }

  /** `undefined` where there is nothing to read yet. @throws UptimeError `STORAGE_…` */
  static at(path: string, readOnly: boolean): Opened | undefined {
    for (let attempt = 1; ; attempt++) {
      const before = identityOf(path)
      const database = readOnly ? openForReading(path) : openForWriting(path)
      // Opening may wait for a lock. What was opened is the file at the path only if that is the same before and after.
      const isSame = before === undefined || before === identityOf(path)
      if (!database || isSame || attempt === ATTEMPTS) return database && Opened.#of(path, database, readOnly)
      database.close()
    }
  }

  static #of(path: string, database: Database, isReader: boolean): Opened {
    try {
      return new Opened(path, database, isReader)
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** SQLite would go on with a file that was removed, or moved away, as if nothing were. */
  get isThere(): boolean {
    const isSame = ([path, identity]: readonly [string, string | undefined]) => identityOf(path) === identity
    return isSame([this.#path, this.#file]) && [...this.#companions].every(isSame)
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
    // Before it is closed: a number that is free may be another file's.
    for (const [path, identity] of this.#companions)
      if (identity !== undefined && identityOf(path) === identity) rmSync(path, { force: true })
    this.database.close()
  }

  close(): void {
    if (this.isThere) this.database.close()
    else this.leave()
  }
}

/** Whether a file has something in it. One that is empty may be a copy that has only just begun. */
export function isFilled(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** What tells a file from another at the same path; `undefined` where there is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}
