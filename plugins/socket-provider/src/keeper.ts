import { type Clock, messageOf } from '@uptimeserver/core'

/** What nobody waits for is written after so long, in ms. */
const LAZY = 10_000
/** What could not be written is tried again after so long, in ms. */
const AGAIN = 5_000

interface Waiting {
  readonly promise: Promise<string | undefined>
  resolve(trouble: string | undefined): void
}

/** Writes one state after another: all that changes while one is being written goes into the next, together. */
export class Keeper {
  readonly #write: () => Promise<void>
  readonly #clock: Clock
  /** Told when the trouble with writing begins, changes or ends. */
  readonly #onTrouble: () => void
  #waiting: Waiting | undefined
  #work: Promise<void> | undefined
  #cancel: (() => void) | undefined
  #trouble: string | undefined
  #isClosed = false

  constructor(write: () => Promise<void>, clock: Clock, onTrouble: () => void) {
    this.#write = write
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  /** Why the last state could not be written. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Settles when what is so now is on disk, or with the reason why it is not. Never rejects. */
  keep(): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve('the provider has ended')
    this.#waiting ??= makeWaiting()
    const { promise } = this.#waiting
    this.#work ??= this.#run()
    return promise
  }

  keepSoon(ms = LAZY): void {
    if (this.#isClosed) return
    this.#cancel ??= this.#clock.timer(() => {
      this.#cancel = undefined
      void this.keep()
    }, ms)
  }

  /** Writes what waits, and nothing later. */
  async close(): Promise<void> {
    const last = this.#cancel ? this.keep() : this.#work
    this.#isClosed = true
    await last
    await this.#work
    this.#stopTimer()
  }

  async #run(): Promise<void> {
    // Whoever changes something in this very turn is in it, too.
    await Promise.resolve()
    while (this.#waiting) {
      const { resolve } = this.#waiting
      this.#waiting = undefined
      this.#stopTimer()
      const trouble = await this.#write().then(() => undefined, messageOf)
      if (trouble !== undefined) this.keepSoon(AGAIN)
      this.#note(trouble)
      resolve(trouble)
    }
    this.#work = undefined
  }

  #note(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#onTrouble()
  }

  #stopTimer(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

function makeWaiting(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined
  const promise = new Promise<string | undefined>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
