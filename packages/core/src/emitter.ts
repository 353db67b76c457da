export type Unsubscribe = () => void

/** Typed events. A listener that throws is reported and disturbs nobody. */
export class Emitter<Events extends { [Name in keyof Events]: object }> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => unknown>>()
  readonly #onError: (error: unknown, name: keyof Events) => void

  constructor(onError: (error: unknown, name: keyof Events) => void) {
    this.#onError = onError
  }

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => unknown): Unsubscribe {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  /** Whether it is worth making an event. */
  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      this.#call(listener as (event: Events[Name]) => unknown, event, name)
    }
  }

  async #call<Name extends keyof Events>(
    listener: (event: Events[Name]) => unknown,
    event: Events[Name],
    name: Name,
  ) {
    try {
      await listener(event)
    } catch (error) {
      this.#onError(error, name)
    }
  }
}
