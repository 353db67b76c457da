import { type MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import { type LeaseStore, type Storage, UptimeError } from '../../src/index.js'
import { replacing } from '../support/consolidating.js'

/** What becomes of calls: they work, fail, never answer, or are done and the answer is lost. */
export type Mood = 'well' | 'fail' | 'hang' | 'lose-reply'

/** One process's way to the storage that all share. */
export class Way {
  mood: Mood = 'well'
  /** After so many further writes the process is killed, just before or just after it. */
  killAt: { writes: number; after: boolean } | undefined
  /** Called at that moment. */
  onKill: () => void = () => undefined
  readonly storage: Storage
  #isDead = false

  constructor(place: MemoryPlace) {
    const inner = memoryStorage(place)
    const leases = this.#guard<LeaseStore>(inner.leases!)
    this.storage = this.#guard(replacing(inner, { leases }))
  }

  /** Nothing that is called gets an answer any more, and nothing is done. */
  die(): void {
    this.#isDead = true
  }

  #guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, key) => {
        const member = Reflect.get(target, key)
        if (typeof member !== 'function' || key === 'close') return member
        const isWrite = ['record', 'write', 'save'].includes(String(key))
        const call = (args: unknown[]) => Promise.resolve(member.apply(target, args))
        if (!isAsync(key)) return (...args: unknown[]) => this.#iterate(() => member.apply(target, args))
        return (...args: unknown[]) => this.#call(() => call(args), isWrite, args)
      },
    })
  }

  async #call<T>(work: () => Promise<T>, isWrite: boolean, args: unknown[]): Promise<T> {
    if (this.#isDead) return never(args)
    if (this.mood === 'hang') return never(args)
    if (this.mood === 'fail') throw away()
    const strikes = isWrite && this.killAt && --this.killAt.writes <= 0
    if (strikes && !this.killAt!.after) return this.#strike()
    const result = await work()
    if (strikes) return this.#strike()
    if (this.mood === 'lose-reply') throw away()
    return result
  }

  #strike(): Promise<never> {
    this.killAt = undefined
    this.#isDead = true
    this.onKill()
    return never([])
  }

  async *#iterate<T>(work: () => AsyncIterable<T>): AsyncGenerator<T> {
    if (this.#isDead || this.mood === 'hang') await never([])
    if (this.mood !== 'well') throw away()
    yield* work()
  }
}

const ITERATING = new Set(['downtimes', 'runs', 'gaps', 'maintenance', 'summaries', 'changes'])

function isAsync(key: PropertyKey): boolean {
  return !ITERATING.has(String(key))
}

function away(): UptimeError {
  return new UptimeError('STORAGE_UNREACHABLE', 'the storage is away')
}

/** Ends with the signal of what was asked, where it has one. */
function never(args: unknown[]): Promise<never> {
  const signal = args.map((arg) => (arg as { signal?: AbortSignal } | undefined)?.signal).find(Boolean)
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
