import {
  type Consolidator,
  isSla,
  type ResolvedConfig,
  type Scope,
  type Storage,
  type Summary,
  systemClock,
} from '@uptimeserver/core'
import { warn } from './output.js'
import { plural } from './ui/format.js'

/** What a consolidation wrote: figures for the first time, later versions of them, and the rest. */
export interface Written {
  made: number
  restated: number
  refreshed: number
}

/** Runs one consolidator now, beside a running monitor or without one. Ctrl-C ends it; it goes on where it was the next time. */
export async function consolidateNow(
  consolidator: Consolidator,
  storage: Storage,
  { zone, objective }: ResolvedConfig,
  scope?: Scope,
): Promise<Written> {
  const written = { made: 0, restated: 0, refreshed: 0 }
  const stop = new AbortController()
  const onSignal = () => stop.abort(new Error('interrupted'))
  process.once('SIGINT', onSignal)
  const log = { debug() {}, info() {}, warn, error: warn }
  const context = { signal: stop.signal, clock: systemClock, log, zone, objective }
  try {
    await consolidator.consolidate(counting(storage, written), context, scope)
  } finally {
    process.off('SIGINT', onSignal)
  }
  return written
}

/** Takes a late fact up at once, instead of within the hour. Says what has changed. */
export async function restateNow(storage: Storage, config: ResolvedConfig): Promise<string> {
  let restated = 0
  for (const consolidator of config.consolidators.filter(isSla))
    restated += (await consolidateNow(consolidator, storage, config)).restated
  return restated ? `${plural(restated, 'frozen figure')} restated` : 'no frozen figure changes'
}

export function inWords({ made, restated, refreshed }: Written): string {
  const parts = [
    made && `${plural(made, 'figure')} frozen`,
    restated && `${plural(restated, 'figure')} restated`,
    refreshed && `${refreshed} refreshed`,
  ]
  return parts.filter(Boolean).join(', ') || 'nothing new'
}

function counting(storage: Storage, written: Written): Storage {
  const save = (summaries: readonly Summary[]) => {
    for (const { version, key } of summaries) {
      if (version === 1) written.made++
      else if (version > 1) written.restated++
      else if (!key.endsWith('|state')) written.refreshed++
    }
    return storage.save(summaries)
  }
  return new Proxy(storage, {
    get(target, key) {
      if (key === 'save') return save
      const member = Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
