import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const DRIVER = '@photostructure/sqlite'

interface Driver {
  readonly DatabaseSync: new (path: string) => { exec(sql: string): void; close(): void }
}

const PLUGIN = join(import.meta.dirname, '../../plugins/sqlite-storage/package.json')

const CODE = `
  let sqlite = process.getBuiltinModule?.('node:sqlite')
  sqlite ??= require(process.argv[2])
  const database = new sqlite.DatabaseSync(process.argv[1])
  database.exec('PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE')
  console.log('locked')
  process.stdin.on('end', () => process.exit()).resume()`

/** Whether another process is in the middle of a write, and stays there. */
export function isLocked(path: string): boolean {
  const { DatabaseSync } = (process.getBuiltinModule?.('node:sqlite') ??
    createRequire(PLUGIN)(DRIVER)) as Driver
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 500; BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}

/** Another process that keeps an SQLite file locked until it ends. */
export class SqliteLock implements AsyncDisposable {
  readonly #child: ChildProcess

  static async on(path: string): Promise<SqliteLock> {
    const driver = createRequire(PLUGIN).resolve(DRIVER)
    // Its input closes with us, whatever becomes of us.
    const child = spawn(process.execPath, ['--no-warnings', '-e', CODE, path, driver], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lock = new SqliteLock(child)
    const isLocked = once(child.stdout!, 'data').then(() => true)
    if (await Promise.race([isLocked, once(child, 'exit').then(() => false)])) return lock
    throw new Error(`${path} could not be locked`)
  }

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
