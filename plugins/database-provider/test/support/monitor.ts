import { createRunner, type ProviderStatus, type Runner } from '@uptimeserver/core'
import { type DatabaseProviderOptions, databaseProvider } from '@uptimeserver/database-provider'
import { memoryStorage } from '@uptimeserver/testing'
import { expect } from 'vitest'
import { page } from './page.js'

export type Options = Omit<DatabaseProviderOptions, 'types'> & Partial<Pick<DatabaseProviderOptions, 'types'>>

/** A real monitor whose only provider reads a database. */
export class Monitor implements AsyncDisposable {
  readonly #runner: Runner
  readonly added: string[] = []
  readonly removed: string[] = []

  private constructor(runner: Runner) {
    this.#runner = runner
    runner.on('services', ({ added, removed }) => {
      this.added.push(...added.map(({ name }) => name))
      this.removed.push(...removed.map(({ name }) => name))
    })
  }

  static async start(options: Options): Promise<Monitor> {
    const provider = databaseProvider({ types: { page }, ...options })
    const runner = createRunner({
      storage: memoryStorage(),
      ...{ every: '1h', consolidators: [], services: [], providers: [provider] },
    })
    const monitor = new Monitor(runner)
    await runner.start()
    return monitor
  }

  /** What is monitored. */
  get names(): string[] {
    return this.#runner
      .status()
      .map(({ name }) => name)
      .sort()
  }

  get provider(): ProviderStatus {
    return this.#runner.providers()[0]!
  }

  /** What was left out, a line each. */
  get skipped(): string[] {
    return this.provider.skipped.map(({ what, reason }) => `${what}: ${reason}`)
  }

  categoryOf(name: string): string | undefined {
    return this.#runner.status().find((service) => service.name === name)?.category
  }

  /** Waits until these are monitored and no others. */
  async shows(names: readonly string[], timeout = 5_000): Promise<void> {
    await expect.poll(() => this.names, { timeout, interval: 10 }).toEqual([...names].sort())
  }

  /** Waits until the provider fails. Returns why. */
  async failure(timeout = 5_000): Promise<string> {
    await expect.poll(() => this.provider.error, { timeout, interval: 10 }).not.toBeNull()
    expect(this.provider.staleSince).not.toBeNull()
    return this.provider.error!
  }

  /** Waits until it does not fail any more. */
  async sight(timeout = 20_000): Promise<void> {
    await expect.poll(() => this.provider.error, { timeout, interval: 20 }).toBeNull()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner.stop()
  }
}
