import { type MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import { type Event, type LeaseStore, type Storage, UptimeError } from '../../src/index.js'
import { replacing } from '../support/consolidating.js'

/** What becomes of calls: they work, fail, never answer, or are done and the answer is lost. */
export type Mood = 'well' | 'fail' | 'hang' | 'lose-reply'

/** What is done wrong on purpose, to see that it is found. */
export type Defect =
  | 'open downtimes are not restored'
  | 'facts get new ids when they are tried again'
  | 'nothing fences'
  | 'a record that was lost is written to'

/** One process's way to the storage that all share. */
export class Way {
  mood: Mood = 'well'
  /** After so many further writes the process is killed, just before or just after it. */
  killAt: { writes: number; after: boolean } | undefined
  /** Called at that moment. */
  onKill: () => void = () => undefined
  readonly storage: Storage
  #isDead = false

  constructor(place: MemoryPlace, defect?: Defect) {
    const inner = defective(memoryStorage(place), defect)
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

function defective(storage: Storage, defect: Defect | undefined): Storage {
  let count = 0
  const anew = (events: readonly Event[]) =>
    events.map((event) => (event.type === 'alive' ? event : { ...event, id: `${event.id}/${++count}` }))
  const members: { readonly [Name in Defect]: Partial<Storage> } = {
    'open downtimes are not restored': {
      downtimes: (query) => (query?.open ? none() : storage.downtimes(query)),
    },
    'facts get new ids when they are tried again': {
      record: (events, options) => storage.record(anew(events), options),
    },
    'nothing fences': {
      record: (events, { signal } = {}) => storage.record(events, { ...(signal && { signal }) }),
    },
    'a record that was lost is written to': {
      record: (events, { after: _, ...options } = {}) => storage.record(events, options),
    },
  }
  return defect ? replacing(storage, members[defect]) : storage
}

async function* none(): AsyncGenerator<never> {}

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
