import { within } from '../clock.js'
import type { ResolvedConfig } from '../config.js'
import type { Context, Scope, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import { Consolidation } from './consolidation.js'

/** What a consolidator may take to come to an end, in ms. */
const END = 5_000

/** The config's consolidators at work, until the signal. */
export class Consolidations {
  readonly #context: Context
  readonly #byName = new Map<string, Consolidation>()
  readonly #loops: Promise<void>[] = []
  readonly #stop = new AbortController()

  constructor(
    config: ResolvedConfig,
    storage: Storage,
    context: Context,
    onError: (error: UptimeError) => void,
  ) {
    const { zone, objective } = config
    this.#context = context
    const { signal } = this.#stop
    context.signal.addEventListener('abort', () => this.stop(), { once: true, signal })
    for (const consolidator of config.consolidators) {
      const consolidation = new Consolidation(consolidator, storage, { ...context, signal, zone, objective })
      this.#byName.set(consolidator.name, consolidation)
      this.#loops.push(consolidation.run(onError))
    }
  }

  stop(): void {
    this.#stop.abort(new UptimeError('RUNNER_STATE', 'the consolidator stops'))
  }

  async once(name: string, scope?: Scope): Promise<void> {
    const consolidation = this.#byName.get(name)
    const known = [...this.#byName.keys()].join(', ') || 'none'
    if (!consolidation)
      throw new UptimeError('RUNNER_STATE', `no consolidator ${name} is running (there is: ${known})`)
    await consolidation.once(scope)
  }

  /** Waits until they have heard the signal, or have had their time. */
  async settle(): Promise<void> {
    await within(this.#context.clock, Promise.all(this.#loops), END)
  }
}
