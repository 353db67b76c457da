import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { obtained } from './cache.js'
import { freePort, type RealServer, type ServerProcess, startProcess } from './process.js'
import { Unavailable } from './tools.js'
import { createVenv, hasVenv } from './venv.js'

/**
 * A server that speaks MongoDB's protocol over WiredTiger. A test tool, not MongoDB: code is written to MongoDB's
 * documentation, and tests run against a genuine one where UPTIME_TEST_MONGO_URL names it.
 */
const VERSIONS = [
  ...['SecantusDB==0.7.0b3', 'pymongo==4.20.0', 'numpy==2.4.6', 'shapely==2.2.0', 's2sphere==0.2.5'],
  ...['python-dateutil==4.0.0', 'dnspython==2.9.2', 'tzdata==2026.6'],
]

export interface MongoOptions {
  /** Flags of the server besides the usual ones. */
  readonly flags?: readonly string[]
  /** Its data, kept when it ends. Default: a folder of its own that goes with it. */
  readonly data?: string
  readonly port?: number
  /** Whether it is asked for over TLS; its certificate is not looked at. */
  readonly tls?: boolean
}

export interface MongoServer extends RealServer {
  readonly process: ServerProcess
}

/** The folder with the server, installed by pip the first time (some 15 s). */
export function obtainMongo(): Promise<string> {
  return obtained('mongo-secantus-0.7.0b3', async (folder) => {
    if (!(await hasVenv()))
      throw new Unavailable('Python 3 with venv is missing', 'apt-get install python3 python3-venv')
    await createVenv(folder, VERSIONS)
  })
}

export async function startMongo(options: MongoOptions = {}): Promise<MongoServer> {
  const folder = await obtainMongo()
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'uptime-mongo-'))
  const port = options.port ?? (await freePort())
  const start = () =>
    startProcess({
      command: join(folder, 'bin', 'secantusd-py'),
      args: [
        ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', join(data, 'wt')],
        // Without it, what was acknowledged could be lost with the process.
        ...['--cache-size', '256M', '--sync-on-commit', ...(options.flags ?? [])],
      ],
      isReady: () => isUsable(port, options.tls ?? false),
    })
  let running = await start()
  return {
    url: `mongodb://127.0.0.1:${port}`,
    port,
    get process() {
      return running
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    pause: () => running.pause(),
    resume: () => running.resume(),
    async restart() {
      await running.kill()
      running = await start()
    },
    async [Symbol.asyncDispose]() {
      await running.kill()
      if (!options.data) rmSync(data, { recursive: true, force: true })
    },
  }
}

/** `{ ping: 1, $db: 'admin' }` as an OP_MSG, so that no driver is needed to ask. */
function pingMessage(): Buffer {
  const document = Buffer.from('1e0000001070696e67000100000002246462000600000061646d696e0000', 'hex')
  const header = Buffer.alloc(21)
  for (const [at, value] of [
    [0, header.length + document.length],
    [4, 1],
    [12, 2013],
  ] as const)
    header.writeInt32LE(value, at)
  return Buffer.concat([header, document])
}

/** Over TLS it is enough that it listens: the handshake is an affair of the tests. */
function isUsable(port: number, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(1_000, () => socket.destroy())
    let answers = false
    const end = (is: boolean) => {
      answers = is
      socket.destroy()
    }
    socket.on('connect', () => (isTls ? end(true) : socket.write(pingMessage())))
    socket.on('data', (data) => end(data.includes('ok\0')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answers))
  })
}
