import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A real web server in a process of its own, that can be killed and started again on its port. */
export class Shop implements AsyncDisposable {
  #child: ChildProcess | undefined
  #port = 0

  static async open(): Promise<Shop> {
    const shop = new Shop()
    await shop.start()
    return shop
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const code = `require('http').createServer((_, r) => r.end('open')).listen(${this.#port}, '127.0.0.1', function () { console.log(this.address().port) })`
    this.#child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(this.#child.stdout!, 'data')) as [Buffer]
    this.#port = Number(line)
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
