import type { Cursor, Event, Live, RecordOptions, Storage } from '@uptimeserver/core'

/** What becomes of a write: it fails, it never answers, or it is done and the answer is lost. */
export type Fault = 'fail' | 'hang' | 'lose-reply'

/** A storage around another one, whose writes go wrong as told. */
export interface FlakyStorage extends Storage {
  /** The next `times` calls of `record` and `publish` go wrong. Default: until `heal`. */
  break(fault: Fault, times?: number): void
  heal(): void
  /** How many calls went wrong. */
  readonly faults: number
}

/**
 * @example
 * const storage = flakyStorage(memoryStorage())
 * storage.break('fail', 3)
 */
export function flakyStorage(inner: Storage): FlakyStorage {
  let fault: Fault | undefined
  let left = 0
  const misbehave = async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    if (!fault || left <= 0) return work()
    left--
    flaky.faults++
    if (fault === 'hang') return never(signal)
    if (fault === 'lose-reply') await work()
    throw new Error(fault === 'fail' ? 'the storage is out of order' : 'the connection was lost')
  }
  const flaky = {
    name: `flaky ${inner.name}`,
    faults: 0,
    break(next: Fault, times = Number.POSITIVE_INFINITY) {
      fault = next
      left = times
    },
    heal() {
      left = 0
    },
    open: inner.open.bind(inner),
    close: inner.close.bind(inner),
    save: inner.save.bind(inner),
    services: inner.services.bind(inner),
    downtimes: inner.downtimes.bind(inner),
    runs: inner.runs.bind(inner),
    gaps: inner.gaps.bind(inner),
    maintenance: inner.maintenance.bind(inner),
    summaries: inner.summaries.bind(inner),
    live: inner.live.bind(inner),
    changes: inner.changes.bind(inner),
    cursor: inner.cursor.bind(inner),
    record: (events: readonly Event[], options?: RecordOptions): Promise<Cursor> =>
      misbehave(() => inner.record(events, options), options?.signal),
    publish: (live: readonly Live[]) => misbehave(() => inner.publish(live)),
  }
  return flaky
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
