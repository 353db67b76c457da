import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Pem } from './certificates.js'
import { Family } from './postgres-family.js'
import { freePort, type RealServer, type ServerProcess, startProcess } from './process.js'
import { isRoot, NOBODY } from './search-place.js'
import { command, hasOrInstalls, Unavailable } from './tools.js'

export interface PostgresOptions {
  /** Its certificate and key; with them it speaks TLS to those who want it. */
  readonly tls?: Pem
  /** Lines of pg_hba.conf before the one that trusts everybody: `host all shop all scram-sha-256`. */
  readonly access?: readonly string[]
}

export interface PostgresServer extends RealServer {
  readonly process: ServerProcess
  /** Makes an empty database. Returns the URI of its owner, the superuser `postgres`. */
  createDatabase(): Promise<string>
  /** Lets the superuser say something in a database. Returns the rows of the last statement. */
  sql(uri: string, text: string): Promise<Record<string, unknown>[]>
  /** From now on it only follows another server, which never says anything. */
  becomeStandby(): Promise<void>
}

const PATIENCE = 60_000

/** The folder with its programs, installed by apt-get where that is possible. */
export async function obtainPostgres(): Promise<string> {
  const isThere = ['-c', 'ls /usr/lib/postgresql/*/bin/initdb']
  // What apt-get says when it has no such package helps nobody: the mend does.
  await hasOrInstalls('sh', ['postgresql'], ...isThere).catch(() => false)
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folder = versions
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')))
  if (folder === undefined) throw new Unavailable('PostgreSQL is missing', 'apt-get install postgresql')
  return folder
}

/** A real PostgreSQL with data of its own, in a second or two. It never runs as root. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = await obtainPostgres()
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'uptime-postgres-'))
  try {
    await prepare(bin, folder, options)
    return await PostgresOnPort.start(bin, folder, port)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

class PostgresOnPort implements PostgresServer {
  #running!: ServerProcess
  #databases = 0

  private constructor(
    readonly port: number,
    readonly folder: string,
    readonly launch: () => Promise<ServerProcess>,
  ) {}

  static async start(bin: string, folder: string, port: number): Promise<PostgresOnPort> {
    const server = new PostgresOnPort(port, folder, () => startServer(bin, folder, port))
    server.#running = await server.launch()
    return server
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`
  }

  get process(): ServerProcess {
    return this.#running
  }

  async createDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`
    await this.sql(this.url, `CREATE DATABASE ${name}`)
    return this.url.replace(/postgres$/, name)
  }

  async sql(uri: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: uri })
    await client.connect()
    try {
      const results = [await client.query(text)].flat()
      return results.at(-1)!.rows
    } finally {
      await client.end()
    }
  }

  /** At once, whoever is connected: what SIGTERM asks for would wait for all of them. */
  async stop(): Promise<void> {
    try {
      process.kill(this.#running.pid, 'SIGINT')
    } catch {
      // It is gone.
    }
    await this.#running.stop()
  }

  async kill(): Promise<void> {
    const family = new Family(this.#running.pid)
    await this.#running.kill()
    await family.ended()
    // Until the system has forgotten its number, another server would take it for one that runs.
    rmSync(join(this.folder, 'data', 'postmaster.pid'), { force: true })
  }

  async pause(): Promise<void> {
    await this.#running.pause()
    await new Family(this.#running.pid).pause()
  }

  resume(): void {
    new Family(this.#running.pid).resume()
    this.#running.resume()
  }

  async restart(): Promise<void> {
    await this.kill()
    this.#running = await this.launch()
  }

  async becomeStandby(): Promise<void> {
    await this.stop()
    writeFileSync(join(this.folder, 'data', 'standby.signal'), '')
    this.#running = await this.launch()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function prepare(bin: string, folder: string, { tls, access = [] }: PostgresOptions): Promise<void> {
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const initdb = [join(bin, 'initdb'), '-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust']
  const [name, ...args] = asNobody([...initdb, '-E', 'UTF8', '--locale=C', '--no-sync'])
  await command(name!, args, { cwd: folder })
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, 'data', file), text, { mode: 0o600 })
    if (isRoot) chownSync(join(folder, 'data', file), NOBODY, NOBODY)
  }
  write('pg_hba.conf', [...access, 'host all all 127.0.0.1/32 trust', ''].join('\n'))
  if (!tls) return
  write('server.crt', tls.cert)
  write('server.key', tls.key)
  write('postgresql.auto.conf', 'ssl = on\n')
}

function startServer(bin: string, folder: string, port: number): Promise<ServerProcess> {
  const settings = [
    ...['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='],
    // No test asks what a loss of power leaves.
    ...['fsync=off', 'full_page_writes=off'],
    ...['shared_buffers=16MB', 'max_wal_size=64MB', 'max_connections=50', 'autovacuum=off'],
  ]
  const line = [
    join(bin, 'postgres'),
    '-D',
    join(folder, 'data'),
    ...settings.flatMap((each) => ['-c', each]),
  ]
  const [name, ...args] = asNobody(line)
  return startProcess({ command: name!, args, cwd: folder, patience: PATIENCE, isReady: () => answers(port) })
}

const asNobody = (line: readonly string[]) =>
  isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...line] : line

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}
