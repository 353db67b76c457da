import type { Storage } from '../contracts.js'
import type { UptimeError } from '../errors.js'

/** The right to write, as the holder of a term. */
export interface Writer {
  /** The instance that writes. */
  readonly holder: string
  readonly term: number
  /** Asked before each write: why there must be none. */
  readonly refusal: () => UptimeError | undefined
  /** The storage says that a later term is on record. Absent where there are no terms. */
  readonly onFenced: (() => void) | undefined
}

export function insistOnWriting({ refusal }: Writer): void {
  const error = refusal()
  if (error) throw error
}

const WRITES: ReadonlySet<PropertyKey> = new Set(['record', 'save', 'publish', 'forget'])

/** The same storage, that takes what is written only as long as the writer may. For those that know nothing of leases. */
export function fenced(storage: Storage, writer: Writer): Storage {
  return new Proxy(storage, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      if (!WRITES.has(key)) return member.bind(target)
      return async (...args: unknown[]) => {
        insistOnWriting(writer)
        return member.apply(target, args)
      }
    },
  })
}
