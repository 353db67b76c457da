import type { Runner, ServiceStatus, SlaRow } from '@uptimeserver/core'
import logUpdate from 'log-update'
import { bold, colors, dim, yellow } from './colors.js'
import { ago, counts, grouped, latency, plural, statusCell } from './format.js'
import { listenToKeys } from './keys.js'
import { type Cell, renderLine, wrapLine } from './line.js'
import { News } from './news.js'
import { Omissions } from './omissions.js'
import { Outages } from './outages.js'
import { Place } from './place.js'
import { renderTable } from './table.js'
import { Today } from './today.js'
import type { Outcome, View } from './view.js'

/** How often the table is drawn anew, in ms. */
const FRAME = 500
/** Lines of a frame that are neither services nor news: the heading, the table's titles, what is left out. */
const FURNITURE = 5
/** Below this, the heading says how the services stand and nothing else. */
const NARROW = 40
const TROUBLE: Readonly<Record<string, number>> = { down: 0, soft: 1, unknown: 2, up: 3 }

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATUS' },
  { title: 'FOR', align: 'right' as const, drop: 3 },
  { title: 'TODAY', align: 'right' as const, drop: 4 },
  { title: 'LATENCY', align: 'right' as const, drop: 1 },
  { title: 'NEXT', align: 'right' as const, drop: 2 },
  { title: 'MESSAGE', least: 16, drop: 5 },
]

/** The terminal's view: every service, what happened last, and a summary at the end. */
export class LiveTable implements View {
  readonly #verbose: boolean
  readonly #startedAt = Date.now()
  readonly #outages = new Outages()
  readonly #news = new News(this.#outages)
  readonly #today = new Today()
  readonly #place = new Place()
  readonly #omissions = new Omissions()
  #shown: readonly string[] = []
  #runner: Runner | undefined
  #last: readonly ServiceStatus[] = []
  #timer: NodeJS.Timeout | undefined
  #stopListening: () => void = () => undefined
  #checks = 0
  #waiting = 0

  constructor(verbose: boolean) {
    this.#verbose = verbose
  }

  start(runner: Runner): void {
    this.#runner = runner
    runner.on('check', () => this.#checks++)
    runner.on('storage', ({ waiting }) => {
      this.#waiting = waiting
    })
    // Whoever begins to lead has told before what waited.
    runner.on('run', ({ reason }) => {
      if (reason === 'started') this.#waiting = 0
    })
    this.#outages.watch(runner)
    this.#news.watch(runner)
    this.#place.watch(runner, this.#news)
    this.#omissions.watch(runner, this.#news)
    if (this.#verbose) this.#news.watchChecks(runner)
    this.#today.watch(runner, () => this.#shown)
    this.#timer = setInterval(this.#draw, FRAME)
    process.stdout.on('resize', this.#draw)
  }

  started(): void {
    this.#place.started()
  }

  onQuit(quit: () => void): void {
    this.#stopListening = listenToKeys(quit)
  }

  answersProbes(url: string): void {
    this.#news.note(`probes are answered at ${url}`)
  }

  incident(message: string): void {
    this.#news.note(yellow(message))
  }

  conclude(): Promise<void> {
    this.#place.conclude()
    this.#omissions.conclude()
    return this.#today.conclude()
  }

  recount(read: () => Promise<readonly SlaRow[]>): Promise<void> {
    return this.#today.recount(read)
  }

  stop(outcome: Outcome): void {
    clearInterval(this.#timer)
    this.#today.stop()
    this.#stopListening()
    process.stdout.off('resize', this.#draw)
    if (outcome !== 'ran') logUpdate.clear()
    if (outcome === 'failed') return
    if (outcome === 'ran') this.#draw()
    logUpdate.done()
    process.stdout.write(`${this.#summary(outcome === 'ran').join('\n')}\n`)
  }

  readonly #draw = (): void => {
    const services = this.#runner?.status() ?? []
    if (services.length || this.#place.standsBy) this.#last = services
    const { width, height } = screen()
    logUpdate(this.#frame(this.#last, width, height - 1).join('\n'))
  }

  #frame(services: readonly ServiceStatus[], width: number, height: number): string[] {
    const place = this.#place.lines(width)
    const news = this.#news.latest(height - FURNITURE - place.length - 3)
    const line = (cells: readonly Cell[]) => renderLine(cells, width)
    const head = [line(this.#heading(services, width)), ...place, '']
    if (this.#place.standsBy) return [...head, ...news.map(line)]
    const table = this.#table(services, Math.max(1, height - news.length - place.length - FURNITURE), width)
    return [...head, ...table, '', ...news.map(line)]
  }

  /** As many services as there is room for, the troubled ones first. */
  #table(services: readonly ServiceStatus[], room: number, width: number): string[] {
    const shown = services.length > room ? [...services].sort(byTrouble).slice(0, room) : services
    this.#shown = shown.map(({ id }) => id)
    const now = Date.now()
    const rows = shown.map((service) => row(service, this.#today.cell(service.id), now))
    const left = services.filter((service) => !shown.includes(service))
    const more = left.length ? [[dim(`… and ${grouped(left.length)} more: `), ...counts(left)]] : []
    return [
      ...renderTable(COLUMNS, rows, width, colors.dim),
      ...more.map((cells) => renderLine(cells, width)),
    ]
  }

  #heading(services: readonly ServiceStatus[], width: number): Cell[] {
    const since = [bold('uptime'), dim(` for ${ago(this.#startedAt, Date.now())}`)]
    if (this.#place.standsBy) return since
    const waiting = this.#waiting ? [yellow(` · ${plural(this.#waiting, 'fact')} not stored`)] : []
    const skipped = this.#omissions.cells()
    return [...(width < NARROW ? [] : [...since, ' · ']), ...counts(services), ...skipped, ...waiting]
  }

  #summary(ran: boolean): string[] {
    const { width } = screen()
    if (!ran) return wrapLine([bold('stopped'), ' before it had started'], width)
    const now = Date.now()
    const counted = [
      this.#place.standsBy ? 'stood by' : plural(this.#last.length, 'service'),
      plural(this.#checks, 'check'),
      plural(this.#outages.count, 'outage'),
    ]
    const heading = [bold('stopped'), ` · ${counted.join(', ')} in ${ago(this.#startedAt, now)}`]
    const lines = [heading, ...this.#outages.summary(now, this.#place.handedOver)]
    return ['', ...lines.flatMap((cells) => wrapLine(cells, width)), ...this.#today.summary(width)]
  }
}

/** The terminal's size; a terminal that does not know says 0. */
function screen() {
  return { width: process.stdout.columns || 100, height: process.stdout.rows || 30 }
}

function row(service: ServiceStatus, today: Cell, now: number): Cell[] {
  const { name, since, nextCheck, message } = service
  const next = nextCheck === null ? '…' : `${Math.max(0, Math.ceil((nextCheck - now) / 1_000))}s`
  const moment = [ago(since, now), today, latency(service.latencyMs), dim(next)]
  return [name, statusCell(service), ...moment, message ?? '']
}

function byTrouble(a: ServiceStatus, b: ServiceStatus): number {
  return TROUBLE[a.status]! - TROUBLE[b.status]!
}
