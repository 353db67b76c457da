import type { LeadershipStatus, Runner, TransitionEvent } from '@uptimeserver/core'
import { toJson } from '../json.js'
import { iso } from '../output.js'
import { shownOf } from '../skipped.js'
import { standingJson } from '../standing.js'
import type { Outcome, View } from './view.js'

/** One JSON line per transition and incident; with `verbose` also per check. */
export class JsonLog implements View {
  readonly #verbose: boolean
  #runner: Runner | undefined

  constructor(verbose: boolean) {
    this.#verbose = verbose
  }

  start(runner: Runner): void {
    this.#runner = runner
    runner.on('leadership', (status) => this.#writeStanding(status))
    runner.on('transition', (event) => this.#write('transition', transitionFields(event)))
    runner.on('gap', ({ service, start, end, reason }) =>
      this.#write('gap', { id: service.id, name: service.name, start: iso(start), end: iso(end), reason }),
    )
    runner.on('blind', ({ at, since, reason }) =>
      this.#write('blind', { at: iso(at), since: iso(since), reason }),
    )
    runner.on('blocked', ({ ms, suspects, certain }) => this.#write('blocked', { ms, suspects, certain }))
    runner.on('run', ({ run, at, reason }) => this.#write('run', { run, at: iso(at), reason }))
    runner.on('provider', ({ name, services, skipped, staleSince, error }) =>
      this.#write('provider', {
        name,
        services,
        skipped: skipped.length,
        reasons: shownOf(skipped).shown.map(({ what, reason }) => ({ what, reason })),
        staleSince: iso(staleSince),
        error,
      }),
    )
    runner.on('storage', ({ waiting, error }) =>
      this.#write('storage', { waiting, error: error?.message ?? null }),
    )
    runner.on('error', ({ error }) => this.#write('error', { code: error.code, message: error.message }))
    runner.on('services', ({ source, added, changed, removed }) =>
      this.#write('services', {
        source,
        added: added.length,
        changed: changed.length,
        removed: removed.length,
      }),
    )
    if (!this.#verbose) return
    runner.on('check', ({ service, ok, at }) => {
      const { id, name, status, latencyMs, message } = service
      this.#write('check', { id, name, ok, at: iso(at), status, latencyMs, message })
    })
  }

  /** How it stands while its storage is away is what it has begun with: nothing has changed that could have been told. */
  started(): void {
    const status = this.#runner?.leadership()
    if (status?.standing === 'waiting') this.#writeStanding(status)
  }

  answersProbes(url: string): void {
    this.#write('health', { url })
  }

  incident(message: string, fields: object = {}): void {
    this.#write('incident', { message, ...fields })
  }

  stop(outcome: Outcome): void {
    if (outcome !== 'failed') this.#write('stopped', {})
  }

  #writeStanding(status: LeadershipStatus): void {
    this.#write('leadership', { ...standingJson(status), term: status.term })
  }

  #write(event: string, fields: object): void {
    process.stdout.write(`${toJson({ time: iso(Date.now()), event, ...fields })}\n`)
  }
}

function transitionFields({ service, from, to, at, reason, downtime, stored }: TransitionEvent) {
  const { id, kind, name, category = null } = service
  return { id, kind, name, category, from, to, at: iso(at), reason, downtime, stored }
}
