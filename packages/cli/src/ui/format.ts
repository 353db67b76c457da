import { formatDuration, type RecordedStatus } from '@uptimeserver/core'
import pc from 'picocolors'
import type { Cell } from './table.js'

type Shown = Pick<RecordedStatus, 'status' | 'failures' | 'attempts'>

const PAINT = {
  up: pc.green,
  soft: pc.yellow,
  down: pc.red,
  unknown: pc.gray,
  removed: pc.gray,
} as const

/** `● up`, `● soft 2/3`, `● down`. The word says it; the colour only helps. */
export function statusCell({ status, failures, attempts }: Shown): Cell {
  const text = status === 'soft' ? `● soft ${failures}/${attempts}` : `● ${status}`
  return { text, paint: PAINT[status] }
}

export function ago(since: number | null, now: number): string {
  return since === null ? '–' : formatDuration(Math.max(0, Math.floor((now - since) / 1_000) * 1_000))
}

/** A latency, in the milliseconds that matter. */
export function latency(ms: number | null): string {
  return ms === null ? '–' : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

export function dim(text: string): Cell {
  return { text, paint: pc.dim }
}

/** The time of day, in the zone of who looks. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB')
}

/** Date and time, in the zone of who looks, with its offset. */
export function dateTime(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { timeZoneName: 'shortOffset' })
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** `3 up, 1 down`, in order of trouble. */
export function counts(services: readonly Pick<RecordedStatus, 'status'>[]): string {
  const order = ['up', 'soft', 'down', 'unknown', 'removed'] as const
  const shown = order.flatMap((status) => {
    const count = services.filter((service) => service.status === status).length
    return count ? [PAINT[status](`${count.toLocaleString('en-US')} ${status}`)] : []
  })
  return shown.join(', ') || 'no services'
}

/** How wide the terminal is; a pipe takes what comes. */
export function terminalWidth(): number {
  return process.stdout.columns ?? Number.POSITIVE_INFINITY
}
