import type { Storage } from '../contracts.js'
import type { UptimeError } from '../errors.js'
import { wrapped } from './wrapped.js'

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
  return wrapped(storage, WRITES, (write) => async (...args) => {
    insistOnWriting(writer)
    return write(...args)
  })
}
