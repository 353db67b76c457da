import { leave } from './end.js'

/** Who asks a monitor for its end: a signal, a key, or a reader that is gone. */
export class Quit {
  readonly asked: Promise<void>
  /** Whether nobody reads what the monitor says any more. */
  isUnread = false
  #resolve: () => void = () => undefined
  #isAsked = false

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#resolve = resolve
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.ask)
    process.stdout.off('error', leave).on('error', this.#onUnread)
  }

  get isAsked(): boolean {
    return this.#isAsked
  }

  /** The first time asks for a clean end; the second takes it. */
  readonly ask = (): void => {
    if (this.#isAsked) process.exit(130)
    this.#isAsked = true
    this.#resolve()
  }

  /** What the work comes to, or `undefined` when the end is asked for before; the work then goes on unheard. */
  async before<T>(work: Promise<T>): Promise<T | undefined> {
    work.catch(() => undefined)
    const result = await Promise.race([work, this.asked])
    return this.#isAsked ? undefined : (result as T)
  }

  /** Every further line fails as well, so this is not a second time. */
  readonly #onUnread = (): void => {
    this.isUnread = true
    if (!this.#isAsked) this.ask()
  }
}
