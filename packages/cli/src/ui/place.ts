import type { LeadershipStatus, Runner } from '@uptimeserver/core'
import { describeStanding, nameOf, standingJson, standsBy } from '../standing.js'
import { bold, yellow } from './colors.js'
import { moment } from './format.js'
import { type Cell, wrapLine } from './line.js'
import type { News } from './news.js'

/** Where this instance stands among those that may lead, for who looks at the table. One that is alone leads, and says nothing. */
export class Place {
  #runner: Runner | undefined
  #hasStarted = false
  #last: LeadershipStatus | undefined
  #before: LeadershipStatus['standing'] | undefined

  watch(runner: Runner, news: News): void {
    this.#runner = runner
    runner.on('leadership', (status) => {
      const change = changeTo(status, this.#before)
      if (change) news.note(change)
      this.#before = status.standing
    })
  }

  started(): void {
    this.#hasStarted = true
    this.#before ??= 'waiting'
  }

  /** Its end has begun: how it stood then is what is shown from here on. */
  conclude(): void {
    this.#last = this.#runner?.leadership()
  }

  /** Whether it is another one that checks. */
  get standsBy(): boolean {
    return this.#status !== undefined && standsBy(this.#status)
  }

  /** Since when another one checks what this one had begun to. */
  get handedOver(): number | undefined {
    return this.standsBy ? this.#status?.since : undefined
  }

  get #status(): LeadershipStatus | undefined {
    return this.#last ?? this.#runner?.leadership()
  }

  /** What there is to say, unless it leads. */
  lines(width: number): string[] {
    const status = this.#status
    if (!status || !this.#hasStarted || status.standing === 'leading') return []
    if (status.standing === 'standby' && !standsBy(status)) return []
    const said = describeStanding(standingJson(status), moment)
    return wrapLine([status.standing === 'standby' ? bold(said) : yellow(said)], width)
  }
}

/** That the only one leads from the start is no news. */
function changeTo(
  status: LeadershipStatus,
  before: LeadershipStatus['standing'] | undefined,
): Cell | undefined {
  if (status.standing === 'lapsed') return yellow('cannot renew its lease: checks go on, facts wait')
  if (status.standing === 'leading') return before && LEADS[before]
  if (!standsBy(status)) return undefined
  const { holder } = standingJson(status)
  const leader = holder ? `${nameOf(holder)} leads` : 'another one was quicker'
  const wasFirst = before === 'leading' || before === 'lapsed'
  return wasFirst ? yellow(`steps down: ${leader}`) : `stands by: ${leader}`
}

/** By what was before. */
const LEADS = {
  leading: undefined,
  standby: 'takes over: leads now',
  lapsed: 'has renewed its lease: leads as before',
  waiting: 'its storage is there: leads now',
} as const
