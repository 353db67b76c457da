import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  /** What it has printed last. */
  readonly output: string
  /** Ends it as its manager would. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** SIGSTOP: it is there and does nothing any more. */
  pause(): Promise<void>
  resume(): void
}

/** What every server of the tests can be put through. */
export interface RealServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
  kill(): Promise<void>
  pause(): Promise<void>
  resume(): void
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
}

export interface ServerOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Whether it can be used now. Asked again and again. */
  readonly isReady: () => Promise<boolean>
  /** How long it may take to start, in ms. Default 60,000. */
  readonly patience?: number
}

/**
 * Stands between us and the server: when our end of its input closes, because we are done or have crashed, it kills the
 * server. It says the server's pid first.
 */
const GUARD = '"$@" </dev/null & echo "pid $!" >&3; cat >/dev/null; kill -9 $! 2>/dev/null'

export async function startProcess(options: ServerOptions): Promise<ServerProcess> {
  const { command, args, cwd, env = {}, patience = 60_000 } = options
  const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...args], {
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // Ctrl-C in the terminal is for the tests, which end it in their way.
    detached: true,
  })
  const server = new Guarded(guard)
  server.pid = await server.saidPid
  const deadline = Date.now() + patience
  while (!(await options.isReady())) {
    const why = server.isGone
      ? 'has ended'
      : Date.now() > deadline
        ? `did not start within ${patience} ms`
        : ''
    if (why) {
      await server.kill()
      throw new Error(`${command} ${why}:\n${server.output}`)
    }
    await sleep(20)
  }
  return server
}

class Guarded implements ServerProcess {
  pid = 0
  output = ''
  readonly saidPid: Promise<number>
  readonly #guard: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(guard: ChildProcess) {
    this.#guard = guard
    this.#ended = once(guard, 'exit')
    for (const stream of [guard.stdout!, guard.stderr!])
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-8_000)
      })
    const pipe = guard.stdio[3] as NodeJS.ReadableStream
    this.saidPid = once(pipe, 'data').then(([line]) => Number(/pid (\d+)/.exec(String(line))![1]))
    guard.unref()
  }

  get isGone(): boolean {
    return !this.#signal(0)
  }

  async stop(): Promise<void> {
    this.#signal('SIGCONT')
    this.#signal('SIGTERM')
    for (const deadline = Date.now() + 15_000; !this.isGone && Date.now() < deadline; ) await sleep(20)
    await this.kill()
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    // It is waited for, also where nothing else keeps the loop alive.
    this.#guard.ref()
    this.#guard.stdin!.end()
    await this.#ended
  }

  async pause(): Promise<void> {
    if (this.#signal('SIGSTOP')) await stopped(this.pid)
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(this.pid, signal)
    } catch {
      return false
    }
  }
}

/** Waits for a SIGSTOP: it takes its time to reach every thread, in which one that runs can still answer. */
export async function stopped(pid: number): Promise<void> {
  for (const deadline = Date.now() + 5_000; !hasStopped(pid); await sleep(5))
    if (Date.now() > deadline) throw new Error(`process ${pid} goes on after SIGSTOP`)
}

function hasStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) =>
      /^State:\t[TZX]/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')),
    )
  } catch {
    // It is gone, or a thread of it just now is; or this system has no /proc.
    return !existsSync(`/proc/${pid}`)
  }
}

/** A port of this machine that nobody uses just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Waits for the port of a server that was killed: the system may take a little longer to close it. */
export async function freed(port: number): Promise<void> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && (await isTaken(port)); ) await sleep(50)
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
