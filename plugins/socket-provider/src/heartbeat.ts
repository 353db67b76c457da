import {
  type Context,
  type Detail,
  type Duration,
  definePlugin,
  parseDuration,
  type Service,
  type ServicePart,
  type ServiceType,
} from '@uptimeserver/core'
import { CheckFailed, durationBetween, seenAt } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import type { Reports, Verdict } from './reports.js'

/** The type of services that are checked elsewhere, and what they are. */
export const KIND = 'heartbeat'

interface HeartbeatOptions {
  /** Silence for longer is down. */
  readonly deadline: Duration
}

const schema = v.strictObject({ deadline: durationBetween('1s') })

/** Passes on what was reported, and whether the deadline for the next report is over. */
export class Heartbeat implements ServicePart {
  /** Given by who takes the reports, who may hand on those of an earlier heartbeat. */
  reports: Reports | undefined
  readonly deadline: number

  constructor({ deadline }: HeartbeatOptions) {
    this.deadline = parseDuration(deadline)!
  }

  async check({ clock }: Pick<Context, 'clock'>): Promise<Detail> {
    const verdict = this.reports?.next(clock, this.deadline)
    if (!verdict) return { reported: null }
    if (verdict.status === 'up') return seenAt(verdict.at, detailOf(verdict))
    throw seenAt(verdict.at, new CheckFailed(verdict.reason ?? 'reported down', detailOf(verdict)))
  }
}

function detailOf({ reported }: Verdict): Detail {
  return { reported: reported === null ? null : new Date(reported).toISOString() }
}

/** What a report says is so; nothing is gained from hearing it twice more. */
const SURE = { attempts: 1 }

/** Makes heartbeats, and remembers which service is which. */
export class HeartbeatType implements ServiceType {
  readonly #beats = new WeakMap<Service, Heartbeat>()
  #made: Heartbeat | undefined
  readonly #factory = definePlugin<HeartbeatOptions>({
    kind: KIND,
    schema,
    defaults: { every: '10s' },
    create: (options) => {
      this.#made = new Heartbeat(options)
      return this.#made
    },
  })

  get spec(): ServiceType['spec'] {
    return this.#factory.spec
  }

  from(options: unknown): Service {
    this.#made = undefined
    const service = this.#factory.from({ ...SURE, ...(options as object) })
    if (this.#made) this.#beats.set(service, this.#made)
    return service
  }

  /** The heartbeat of a service that this made; `undefined` for any other. */
  of(service: Service): Heartbeat | undefined {
    return this.#beats.get(service)
  }
}
