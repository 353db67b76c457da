import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const BIN = join(import.meta.dirname, '../../packages/cli/dist/bin.js')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** `stdout` as JSON. */
  json<T = Record<string, unknown>[]>(): T
}

export interface Line extends Record<string, unknown> {
  readonly time: string
  readonly event: string
}

/** An empty folder outside of the workspace, with a config. */
export class Project implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'uptime-project-'))

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Packages of the workspace, as if they were installed here. */
  usePackages(): void {
    symlinkSync(join(import.meta.dirname, '../../node_modules'), this.path('node_modules'))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Runs a command to its end. */
  async uptime(...args: readonly string[]): Promise<Finished> {
    const child = this.#spawn(args)
    const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000)
    const [stdout, stderr] = [gather(child.stdout!), gather(child.stderr!)]
    const [code] = (await once(child, 'close')) as [number | null]
    clearTimeout(tooLong)
    const finished = { code, stdout: await stdout, stderr: await stderr }
    return { ...finished, json: () => JSON.parse(finished.stdout) }
  }

  /** Starts the monitor, which writes JSON lines. */
  run(...args: readonly string[]): Running {
    return new Running(this.#spawn(['run', '--log', 'json', ...args]))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(args: readonly string[]): ChildProcess {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    return spawn(process.execPath, [BIN, ...args], {
      cwd: this.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}

/** A monitor in a process of its own. */
export class Running implements AsyncDisposable {
  readonly lines: Line[] = []
  stderr = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  #heard: (() => void)[] = []

  constructor(child: ChildProcess) {
    this.#child = child
    child.stderr!.on('data', (chunk) => (this.stderr += chunk))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
      for (const hear of this.#heard.splice(0)) hear()
    })
    this.#ended = once(child, 'close').then(([code, signal]) => {
      for (const hear of this.#heard.splice(0)) hear()
      return { code, signal }
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Its end, however it comes. */
  get ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#ended
  }

  /** The lines of one event. */
  said(event: string): Line[] {
    return this.lines.filter((line) => line.event === event)
  }

  /** The first line that fits, now or later. */
  async until(fits: (line: Line) => boolean, ms = 20_000): Promise<Line> {
    const deadline = Date.now() + ms
    for (;;) {
      const found = this.lines.find(fits)
      if (found) return found
      const left = deadline - Date.now()
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(
          `no such line within ${ms} ms: ${fits}\n${this.stderr}\n${JSON.stringify(this.lines.slice(-10), null, 1)}`,
        )
      }
      await Promise.race([new Promise<void>((resolve) => this.#heard.push(resolve)), sleep(left)])
    }
  }

  /** Sends a signal and waits for the end. */
  async end(
    signal: NodeJS.Signals = 'SIGINT',
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.#child.kill(signal)
    return this.#ended
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.end('SIGKILL')
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function gather(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
