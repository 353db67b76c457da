import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** What a command came to. */
export interface Ended {
  readonly code: number
  /** Why it counts as failed; `undefined`: it went well. */
  readonly reason: string | undefined
  /** It never began, so it has said nothing itself. */
  readonly isNotRun?: boolean
}

/** What a shell says of a command that is not there, and of one that is, but is none. */
const NOT_FOUND = 127
const NOT_RUNNABLE = 126
const BY_SIGNAL = 128
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a command with our own input and output. A signal to us is one to it. */
export async function runCommand([file, ...args]: readonly string[]): Promise<Ended> {
  let child: ChildProcess | undefined
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl-C goes to both of us already; a second one would often mean: at once.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal)
  }
  // Before it begins: a signal in between would leave it alone.
  for (const signal of FORWARDED) process.on(signal, forward)
  child = spawn(file!, args, { stdio: 'inherit' })
  const ended = await endOf(child, file!)
  for (const signal of FORWARDED) process.off(signal, forward)
  return ended
}

function endOf(child: ChildProcess, file: string): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(notRun(error, file)))
    child.once('exit', (code, signal) => resolve(signal ? bySignal(signal) : byCode(code ?? 0)))
  })
}

function notRun({ code, message }: NodeJS.ErrnoException, file: string): Ended {
  const isMissing = code === 'ENOENT'
  const why = isMissing ? 'not found' : `cannot be run: ${message}`
  return { code: isMissing ? NOT_FOUND : NOT_RUNNABLE, reason: `${file}: ${why}`, isNotRun: true }
}

function byCode(code: number): Ended {
  return { code, reason: code === 0 ? undefined : `exit code ${code}` }
}

function bySignal(signal: NodeJS.Signals): Ended {
  return { code: BY_SIGNAL + constants.signals[signal], reason: `ended by ${signal}` }
}
