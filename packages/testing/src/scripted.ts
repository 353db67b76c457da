import type { Context, Detail, Discovery, Provider, Service, TimingOptions } from '@uptimeserver/core'

/** What a scripted check does: goes up, fails, never answers, ignores even its signal. */
export type Act = 'up' | 'down' | 'hang' | 'ignore'

export interface ScriptedOptions extends TimingOptions {
  readonly name?: string
  readonly category?: string
  readonly labels?: Readonly<Record<string, string>>
  /** What the n-th check does, counted from 0. A list repeats its last act. Default: always up. */
  readonly acts?: readonly Act[] | ((n: number) => Act)
  /** What a good check returns. */
  readonly detail?: Detail
}

/** A service that does what its script says, and counts. */
export interface ScriptedService extends Service {
  /** How often it was checked. */
  readonly calls: number
  /** How many checks are under way. */
  readonly inFlight: number
  /** How often it was closed. */
  readonly closed: number
}

/**
 * @example
 * const shop = scriptedService({ name: 'shop', acts: ['up', 'down', 'down', 'down', 'up'] })
 */
export function scriptedService(options: ScriptedOptions = {}): ScriptedService {
  const { name = 'scripted', category, labels, acts = ['up'], detail, ...timing } = options
  const actAt = typeof acts === 'function' ? acts : (n: number) => acts[Math.min(n, acts.length - 1)] ?? 'up'
  const service = {
    kind: 'scripted',
    name,
    category,
    labels,
    timing,
    calls: 0,
    inFlight: 0,
    closed: 0,
    async check({ signal }: Context) {
      const act = actAt(service.calls++)
      service.inFlight++
      try {
        await perform(act, signal)
        return detail
      } finally {
        service.inFlight--
      }
    },
    close() {
      service.closed++
    },
  }
  return service
}

function perform(act: Act, signal: AbortSignal): Promise<void> | void {
  if (act === 'down') throw new Error('scripted failure')
  if (act === 'ignore') return new Promise(() => undefined)
  if (act === 'hang') {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    )
  }
}

/** A provider whose sets are put in from outside. */
export interface ScriptedProvider extends Provider {
  /** Yields a set. */
  put(...services: readonly Service[]): void
  /** Fails; the runner starts it again, and what is put meanwhile waits. */
  fail(message: string): void
  /** How often it was started. */
  readonly starts: number
}

export function scriptedProvider(name = 'scripted'): ScriptedProvider {
  const queue: (Discovery | Error)[] = []
  let wake: () => void = () => undefined
  const provider = {
    name,
    starts: 0,
    put(...services: readonly Service[]) {
      queue.push({ services })
      wake()
    },
    fail(message: string) {
      queue.push(new Error(message))
      wake()
    },
    async *discover({ signal }: Context) {
      provider.starts++
      signal.addEventListener('abort', () => wake(), { once: true })
      while (!signal.aborted) {
        const next = queue.shift()
        if (next instanceof Error) throw next
        if (next) yield next
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
  return provider
}
