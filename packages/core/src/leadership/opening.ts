import { backoff, sleep, within } from '../clock.js'
import type { Context, OpenOptions, Storage } from '../contracts.js'
import { formatDuration } from '../duration.js'
import { isUptimeError, UptimeError } from '../errors.js'
import { asStorageError } from './storage-error.js'

/** What a storage may take to open, in ms. */
const OPEN = 30_000

/** Opens a storage, however long that takes. One that is away for now is tried again; one that is wrong is not. */
export class Opening {
  /** What keeps it from opening, as was seen last. */
  trouble: UptimeError | undefined
  #isOpen = false
  readonly #storage: Storage
  readonly #context: Context
  readonly #options: OpenOptions
  readonly #onTrouble: (error: UptimeError) => void

  constructor(
    storage: Storage,
    context: Context,
    options: OpenOptions,
    onTrouble: (error: UptimeError) => void,
  ) {
    this.#storage = storage
    this.#context = context
    this.#options = options
    this.#onTrouble = onTrouble
  }

  /** Resolves to whether it is open: not when the signal was aborted before. @throws UptimeError what is wrong with the storage */
  async run(): Promise<boolean> {
    const { clock, signal } = this.#context
    if (this.#isOpen) return true
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#open()
        this.trouble = undefined
        this.#isOpen = !signal.aborted
        return this.#isOpen
      } catch (error) {
        this.trouble = asStorageError(this.#storage.name, error)
        if (!isAway(error)) throw error
        this.#onTrouble(this.trouble)
        await this.#storage.close().catch(() => undefined)
        await sleep(clock, backoff(failures, 500, 10_000), signal)
      }
    }
    return false
  }

  async #open(): Promise<void> {
    const { clock, signal } = this.#context
    const opening = this.#storage.open(this.#context, this.#options).then(() => true)
    if ((await within(clock, opening, OPEN, signal)) || signal.aborted) return
    const message = `${this.#storage.name} did not open within ${formatDuration(OPEN)}`
    throw new UptimeError('STORAGE_UNREACHABLE', message)
  }
}

/** It may be there in a while. Whatever else is wrong takes a person. */
export function isAway(error: unknown): boolean {
  return isUptimeError(error, 'STORAGE_UNREACHABLE') || isUptimeError(error, 'STORAGE_BUSY')
}
