import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hasOrInstalls, Unavailable } from '../../../../test/servers/tools.js'
import { sleep } from '../../../../test/support/uptime.js'

/** Stands for systemd: hears a datagram a line. A file that comes along (BARRIER=1) is closed, for which the sender waits. */
const LISTENER = `
import array, os, socket, sys
path = sys.argv[1]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(chr(0) + path[1:] if path.startswith('@') else path)
print('listening', flush=True)
while True:
    data, passed, _, _ = server.recvmsg(65536, socket.CMSG_SPACE(64))
    for _, _, content in passed:
        files = array.array('i')
        files.frombytes(content)
        for file in files: os.close(file)
    print(data.decode().replace(chr(10), ' '), flush=True)
`

/** Where a service says how it goes on, as systemd gives it one, and what was said. */
export class NotifySocket implements AsyncDisposable {
  readonly lines: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'uptime-notify-'))
  readonly #child: ChildProcess
  readonly path: string

  /** @param isAbstract a name that is in no file system */
  static async open(isAbstract = false): Promise<NotifySocket> {
    if (!(await hasOrInstalls('systemd-notify', ['systemd'])))
      throw new Unavailable('systemd-notify is missing', 'apt-get install systemd')
    if (!(await hasOrInstalls('python3', ['python3'])))
      throw new Unavailable('Python 3 is missing', 'apt-get install python3')
    const socket = new NotifySocket(isAbstract)
    await socket.until('listening')
    return socket
  }

  private constructor(isAbstract: boolean) {
    this.path = isAbstract ? `@uptime-${process.pid}-${Date.now()}` : join(this.#folder, 'notify')
    this.#child = spawn('python3', ['-c', LISTENER, this.path], { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.lines.push(line))
  }

  /** What was said, without what the helper says for itself. */
  get words(): string[] {
    return this.lines.filter((line) => line !== 'listening' && line !== 'BARRIER=1')
  }

  async until(start: string): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20))
      if (this.lines.some((line) => line.startsWith(start))) return
    throw new Error(`nobody said ${start}:\n${this.lines.join('\n')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill()
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
