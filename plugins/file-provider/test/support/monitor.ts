import { createRunner, type Runner } from '@uptimeserver/core'
import { type FileProviderOptions, fileProvider } from '@uptimeserver/file-provider'
import { memoryStorage } from '@uptimeserver/testing'
import { expect } from 'vitest'
import { echo } from './echo.js'
import type { Folder } from './folder.js'

/** A change takes effect within this, in ms. */
const PROMPT = { timeout: 10_000, interval: 20 }

/** A real runner over the files of a folder. */
export class Monitor implements AsyncDisposable {
  readonly runner: Runner
  /** Every set that was monitored, in order. */
  readonly sets: string[] = []

  private constructor(folder: Folder, options: Partial<FileProviderOptions>) {
    const files = {
      files: 'services/*.yaml',
      types: { echo },
      poll: '1h',
      ...options,
    } as const
    this.runner = createRunner(
      {
        ...{ storage: memoryStorage(), services: [], consolidators: [], every: '1h' },
        providers: [fileProvider(files)],
      },
      { folder: folder.path },
    )
    this.runner.on('services', () => this.sets.push(this.names.join(' ')))
  }

  static async start(folder: Folder, options: Partial<FileProviderOptions> = {}): Promise<Monitor> {
    const monitor = new Monitor(folder, options)
    await monitor.runner.start()
    return monitor
  }

  get names(): string[] {
    return this.runner
      .status()
      .map(({ name }) => name)
      .sort()
  }

  get skipped() {
    return this.runner.providers()[0]!.skipped
  }

  /** Waits until these are monitored and no others. */
  async shows(...names: readonly string[]): Promise<void> {
    await expect.poll(() => this.names, PROMPT).toEqual([...names].sort())
  }

  async skips(...skipped: readonly object[]): Promise<void> {
    await expect.poll(() => this.skipped, PROMPT).toEqual(skipped)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner.stop()
  }
}
