import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Authority } from './certificates.js'
import { command, has, Unavailable } from './tools.js'

/** The servers refuse root. */
export const isRoot = process.getuid?.() === 0
/** The user and group that they run as then. */
export const NOBODY = 65_534

/** The folders of one server, of which nothing is left afterwards but `data` that was given. */
export class SearchPlace {
  readonly program: string
  readonly conf: string
  readonly logs: string
  readonly temporary: string
  readonly data: string
  readonly #root: string

  constructor(name: string, data?: string) {
    this.#root = mkdtempSync(join(tmpdir(), `uptime-${name}-`))
    chmodSync(this.#root, 0o755)
    this.program = join(this.#root, 'program')
    this.conf = join(this.#root, 'conf')
    this.logs = join(this.#root, 'logs')
    this.temporary = join(this.#root, 'tmp')
    this.data = data ?? join(this.#root, 'data')
    for (const folder of this.#written) mkdirSync(folder, { recursive: true })
  }

  get #written(): readonly string[] {
    return [this.conf, this.logs, this.temporary, this.data]
  }

  /** Puts files here that nobody changes: other users can't get to the cache. Links cost nothing. */
  async take(folder: string, to = this.program): Promise<void> {
    if (await has('cp', '-al', folder, to)) return
    rmSync(to, { recursive: true, force: true })
    await command('cp', ['-a', folder, to])
  }

  /** Takes the usual file that says what is logged. */
  copyLogging(): void {
    const name = 'log4j2.properties'
    copyFileSync(join(this.program, 'config', name), join(this.conf, name))
  }

  write(name: string, text: string): void {
    const path = join(this.conf, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  async writeCertificates(authority: Authority): Promise<void> {
    const { cert, key } = await authority.issue()
    this.write('certs/ca.crt', authority.ca)
    this.write('certs/server.crt', cert)
    this.write('certs/server.key', key)
  }

  /** Hands over what the server writes to. */
  async handOver(): Promise<void> {
    if (!isRoot) return
    if (!(await has('setpriv')))
      throw new Unavailable('setpriv is missing, and root is refused', 'apt-get install util-linux')
    await command('chown', ['-R', `${NOBODY}:${NOBODY}`, ...this.#written])
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 10 })
  }
}
