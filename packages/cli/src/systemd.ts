import { spawn } from 'node:child_process'
import { messageOf, type Runner, systemClock, within } from '@uptimeserver/core'
import type { Attendant } from './attendant.js'
import { describeStanding, standingJson } from './standing.js'

/** How long systemd may take to hear a word, in ms. */
const PATIENCE = 5_000

/**
 * Tells systemd how the monitor goes on (`Type=notify`), by the helper that comes with it: Node knows no datagrams over unix sockets.
 * The helper speaks for another process, so the unit takes `NotifyAccess=all`.
 */
export class Systemd implements Attendant {
  readonly #onTrouble: (message: string) => void
  readonly #watchdog: number | undefined
  /** Words are heard in the order in which they are said. */
  #saying: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isFeeding = false
  #isStopping = false
  #isTroubled = false

  /** Undefined where no systemd listens. */
  static from(env: NodeJS.ProcessEnv, onTrouble: (message: string) => void): Systemd | undefined {
    return env.NOTIFY_SOCKET ? new Systemd(watchdogIn(env), onTrouble) : undefined
  }

  private constructor(watchdog: number | undefined, onTrouble: (message: string) => void) {
    this.#watchdog = watchdog
    this.#onTrouble = onTrouble
  }

  started(runner: Runner): void {
    const status = () => `STATUS=${describeStanding(standingJson(runner.leadership()))}`
    runner.on('leadership', () => {
      if (!this.#isStopping) void this.#say(status())
    })
    void this.#say('READY=1', status())
    if (this.#watchdog) this.#timer = setInterval(this.#feed, this.#watchdog / 2).unref()
  }

  stopping(): void {
    this.#isStopping = true
    void this.#say('STOPPING=1', 'STATUS=stops')
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await within(systemClock, this.#saying, PATIENCE)
  }

  /** A helper that is slow must not become many. */
  readonly #feed = async (): Promise<void> => {
    if (this.#isFeeding) return
    this.#isFeeding = true
    await this.#say('WATCHDOG=1')
    this.#isFeeding = false
  }

  #say(...words: readonly string[]): Promise<void> {
    this.#saying = this.#saying.then(() => notify(words)).catch((error) => this.#trouble(error))
    return this.#saying
  }

  /** Once: it would be the same each time, and the monitor does its work without. */
  #trouble(error: unknown): void {
    if (this.#isTroubled) return
    this.#isTroubled = true
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'there is no systemd-notify on the PATH' : messageOf(error)
    this.#onTrouble(`systemd is not told how the monitor goes on: ${why}`)
  }
}

/** From one sign of life to the next at most, in ms, if it is us whom systemd watches. */
function watchdogIn({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const isOurs = !WATCHDOG_PID || Number(WATCHDOG_PID) === process.pid
  const ms = Number(WATCHDOG_USEC) / 1_000
  return isOurs && ms > 0 ? ms : undefined
}

function notify(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-notify', words, { stdio: 'ignore', timeout: PATIENCE })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`systemd-notify ended with ${code ?? signal}`)),
    )
  })
}
