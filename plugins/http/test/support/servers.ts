import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'

/** A server on loopback, closed with everything that is connected to it. */
export interface Listening extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** How many connections were made. */
  readonly connections: number
  /** Open connections now. */
  readonly open: number
  /** Closes every connection, and goes on listening. */
  closeConnections(): Promise<void>
}

/** A real HTTP server. */
export function serve(listener: RequestListener, host = '127.0.0.1', port = 0): Promise<Listening> {
  return listen(createServer(listener), 'http', host, port)
}

/** A real HTTPS server. */
export function serveTls(options: ServerOptions, listener: RequestListener): Promise<Listening> {
  return listen(createTlsServer(options, listener), 'https', '127.0.0.1')
}

/** A server that does with a connection what no HTTP library would. */
export function serveRaw(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined)
      onConnection(socket)
    }),
    'http',
    '127.0.0.1',
  )
}

async function listen(
  server: Server | TcpServer,
  protocol: string,
  host: string,
  wanted = 0,
): Promise<Listening> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    async closeConnections() {
      const closed = [...sockets].map((socket) => once(socket, 'close'))
      for (const socket of sockets) socket.end()
      await Promise.all(closed)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface BlackHole extends AsyncDisposable {
  readonly port: number
  /** From now on it answers, those first that the system tries once more: a second after they began. */
  wake(): void
}

/**
 * A port on which connecting hangs: its process is stopped and its queue of connections is full, so that the system
 * answers nothing at all.
 */
export async function blackHole(): Promise<BlackHole> {
  const code = `const s = require('http').createServer((_, r) => r.end('ok')).listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line)
  child.kill('SIGSTOP')
  const fillers: Socket[] = []
  while (fillers.length < 20 && (await connects(port, fillers)));
  return {
    port,
    wake: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function connects(port: number, fillers: Socket[]): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
  fillers.push(socket)
  return Promise.race([
    once(socket, 'connect').then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
  ])
}
