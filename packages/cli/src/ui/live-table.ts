import { formatDuration, type Runner, type ServiceStatus, type TransitionEvent } from '@uptimeserver/core'
import logUpdate from 'log-update'
import type { View } from '../commands/run.js'
import { colors } from './colors.js'
import { ago, counts, dim, grouped, latency, plural, statusCell, timeOfDay } from './format.js'
import { listenToKeys } from './keys.js'
import { cut, renderTable } from './table.js'

/** How often the table is drawn anew, in ms. */
const FRAME = 500
const RECENT = 6
/** Outages that the summary lists at most: the last ones. */
const MOST_OUTAGES = 20
const TROUBLE: Readonly<Record<string, number>> = { down: 0, soft: 1, unknown: 2, up: 3 }

const COLUMNS = [
  { title: 'SERVICE' },
  { title: 'STATUS' },
  { title: 'FOR', align: 'right' as const },
  { title: 'LATENCY', align: 'right' as const },
  { title: 'NEXT', align: 'right' as const },
  { title: 'MESSAGE' },
]

interface Outage {
  readonly name: string
  readonly start: number
  end: number | null
}

/** The terminal's view: every service, what happened last, and a summary at the end. */
export class LiveTable implements View {
  readonly #verbose: boolean
  readonly #startedAt = Date.now()
  readonly #recent: string[] = []
  readonly #outages = new Map<string, Outage>()
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
    runner.on('check', ({ service, ok }) => {
      this.#checks++
      if (this.#verbose)
        this.#note(`${service.name} ${ok ? 'ok' : service.message} in ${latency(service.latencyMs)}`)
    })
    runner.on('transition', (event) => this.#onTransition(event))
    runner.on('gap', ({ service, start, end }) =>
      this.#note(colors.yellow(`${service.name} was not observed for ${formatDuration(end - start)}`)),
    )
    runner.on('blocked', ({ ms, suspects }) =>
      this.#note(colors.yellow(`the event loop stood still for ${ms} ms: ${suspects.join(', ')}`)),
    )
    runner.on(
      'run',
      ({ reason }) => reason !== 'started' && this.#note(colors.yellow(`a new run began: ${reason}`)),
    )
    runner.on(
      'provider',
      ({ name, error }) => error && this.#note(colors.yellow(`provider ${name} is stale: ${error}`)),
    )
    runner.on('storage', ({ waiting, error }) => {
      this.#waiting = waiting
      this.#note(error ? colors.yellow(`not stored: ${error.message}`) : 'the storage takes facts again')
    })
    runner.on('error', ({ error }) => this.#note(colors.red(error.message)))
    this.#timer = setInterval(() => this.#draw(), FRAME)
    process.stdout.on('resize', this.#draw)
  }

  onQuit(quit: () => void): void {
    this.#stopListening = listenToKeys(quit)
  }

  incident(message: string): void {
    this.#note(colors.yellow(message))
  }

  stop(ran: boolean): void {
    clearInterval(this.#timer)
    this.#stopListening()
    process.stdout.off('resize', this.#draw)
    if (!ran) return logUpdate.clear()
    this.#draw()
    logUpdate.done()
    process.stdout.write(`\n${this.#summary().join('\n')}\n`)
  }

  #onTransition({ service, to, from, at, reason, downtime }: TransitionEvent): void {
    if (from === 'unknown' && to === 'up') return
    if (downtime && to === 'down') this.#outages.set(downtime, { name: service.name, start: at, end: null })
    const outage = downtime ? this.#outages.get(downtime) : undefined
    if (outage && to === 'up') outage.end = at
    const how = reason
      ? `: ${reason}`
      : from === 'down' && outage
        ? `, was down for ${formatDuration(at - outage.start)}`
        : ''
    const { text, paint } = statusCell(service) as { text: string; paint: (text: string) => string }
    this.#note(`${service.name} ${paint(text)}${how}`)
  }

  #note(line: string): void {
    this.#recent.push(`${colors.dim(timeOfDay(Date.now()))} ${line}`)
    if (this.#recent.length > RECENT) this.#recent.shift()
  }

  readonly #draw = (): void => {
    const services = this.#runner?.status() ?? []
    if (services.length) this.#last = services
    const { columns = 100, rows = 30 } = process.stdout
    logUpdate(this.#frame(this.#last, columns, rows - 1).join('\n'))
  }

  #frame(services: readonly ServiceStatus[], width: number, height: number): string[] {
    const now = Date.now()
    const waiting = this.#waiting ? colors.yellow(` · ${plural(this.#waiting, 'fact')} not stored`) : ''
    const head = `${colors.bold('uptime')} ${colors.dim(`for ${ago(this.#startedAt, now)}`)} · ${counts(services)}${waiting}`
    const recent = this.#recent.slice(-Math.max(1, Math.min(RECENT, height - 8)))
    const room = Math.max(1, height - recent.length - 5)
    const shown = services.length > room ? [...services].sort(byTrouble).slice(0, room) : services
    const table = renderTable(
      COLUMNS,
      shown.map((service) => row(service, now)),
      width,
      colors.dim,
    )
    const left = services.slice().filter((service) => !shown.includes(service))
    const more = left.length ? [colors.dim(`… and ${grouped(left.length)} more: ${counts(left)}`)] : []
    return [head, '', ...table, ...more, '', ...recent.map((line) => clip(line, width))]
  }

  #summary(): string[] {
    const now = Date.now()
    const { columns = 100 } = process.stdout
    const outages = [...this.#outages.values()]
    const lines = outages.slice(-MOST_OUTAGES).map(({ name, start, end }) => {
      const length = end === null ? `${formatDuration(now - start)}, still open` : formatDuration(end - start)
      return `  ${timeOfDay(start)} for ${length}: ${name}`
    })
    const earlier = outages.length - lines.length
    const more = earlier ? [`  … after ${plural(earlier, 'earlier one')}`] : []
    const counted = [
      plural(this.#last.length, 'service'),
      plural(this.#checks, 'check'),
      plural(outages.length, 'outage'),
    ]
    const heading = `${colors.bold('stopped')} · ${counted.join(', ')} in ${ago(this.#startedAt, now)}`
    return [heading, ...more, ...lines].map((line) => clip(line, columns))
  }
}

function row(service: ServiceStatus, now: number) {
  const { name, since, nextCheck, message } = service
  const next = nextCheck === null ? '…' : `${Math.max(0, Math.ceil((nextCheck - now) / 1_000))}s`
  return [name, statusCell(service), ago(since, now), latency(service.latencyMs), dim(next), message ?? '']
}

function byTrouble(a: ServiceStatus, b: ServiceStatus): number {
  return TROUBLE[a.status]! - TROUBLE[b.status]!
}

/** Cuts a line that may hold colours: without them when it is too long. */
function clip(line: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '')
  const short = cut(plain, width)
  return short === plain ? line : short
}
