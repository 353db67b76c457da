import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NginxOptions, nginxFiles, PID } from './nginx-settings.js'
import { freePort, type ServerProcess, startProcess } from './process.js'
import { isRoot, NOBODY } from './search-place.js'
import { has, hasOrInstalls, Unavailable } from './tools.js'

export type { NginxOptions } from './nginx-settings.js'

export interface Nginx extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly process: ServerProcess
}

/** Debian's, which is not on the path of users other than root. */
const DEBIANS = '/usr/sbin/nginx'

/** The command that starts it, installed by apt-get where that is possible. */
export async function obtainNginx(): Promise<string> {
  if (await has('nginx', '-v')) return 'nginx'
  // What apt-get says when it has no such package helps nobody: the mend does.
  if (await hasOrInstalls(DEBIANS, ['nginx'], '-v').catch(() => false)) return DEBIANS
  throw new Unavailable('nginx is missing', 'apt-get install nginx')
}

/** A real nginx in front of something, in some milliseconds. It never runs as root. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const nginx = await obtainNginx()
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'uptime-nginx-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    write(folder, nginxFiles(options, port))
    const running = await start(nginx, folder)
    const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
    const end = () => running.stop().finally(remove)
    return { url, port, process: running, [Symbol.asyncDispose]: end }
  } catch (error) {
    remove()
    throw error
  }
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
}

function start(nginx: string, folder: string): Promise<ServerProcess> {
  const line = [nginx, '-p', `${folder}/`, '-c', 'nginx.conf']
  const [command, ...args] = isRoot
    ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...line]
    : line
  return startProcess({ command: command!, args, isReady: async () => existsSync(join(folder, PID)) })
}
