import { within } from '../clock.js'
import type { Clock, Service } from '../contracts.js'

/** What a service may take to close, in ms. */
const CLOSE = 5_000

/** Closes service objects that are no longer needed, each once, in its own time and at its own risk. */
export class Retirement {
  readonly #clock: Clock
  readonly #onError: (service: Service, error: unknown) => void
  readonly #closing = new Set<Promise<unknown>>()
  readonly #retired = new WeakSet<Service>()

  constructor(clock: Clock, onError: (service: Service, error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
  }

  /** Whether an object was closed, so that it cannot be used any more. */
  has(service: Service): boolean {
    return this.#retired.has(service)
  }

  retire(service: Service): void {
    if (!service.close || this.#retired.has(service)) return
    this.#retired.add(service)
    const closing = within(this.#clock, callClose(service), CLOSE)
      .catch((error) => this.#onError(service, error))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** Waits until everything that was retired is closed, or has had its time. */
  async settle(): Promise<void> {
    await Promise.all(this.#closing)
  }
}

async function callClose(service: Service): Promise<void> {
  await service.close?.()
}
