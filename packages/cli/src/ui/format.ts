import { formatDuration, type RecordedStatus } from '@uptimeserver/core'
import { colors } from './colors.js'
import type { Cell } from './line.js'

type Shown = Pick<RecordedStatus, 'status' | 'failures' | 'attempts'>

const PAINT = {
  up: colors.green,
  soft: colors.yellow,
  down: colors.red,
  unknown: colors.gray,
  removed: colors.gray,
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

// Dates and numbers are put together by hand: loading the locale data for them costs 30 ms at every start.

/** The time of day, in the zone of who looks: `08:05:00`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
}

/** Date and time, in the zone of who looks, with its offset: `2026-11-22 08:05:00 +01:00`. */
export function dateTime(ms: number): string {
  return `${shortDateTime(ms)} ${offset(-new Date(ms).getTimezoneOffset())}`
}

/** The same where there is little room: `2026-11-22 08:05:00`. */
export function shortDateTime(ms: number): string {
  return `${day(ms)} ${timeOfDay(ms)}`
}

/** As short as it can be said: `08:05:00` today, `2026-11-22 08:05:00` on another day. */
export function moment(ms: number): string {
  return day(ms) === day(Date.now()) ? timeOfDay(ms) : shortDateTime(ms)
}

function day(ms: number): string {
  const date = new Date(ms)
  return [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-')
}

function offset(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

/** `10,000`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

const ORDER = ['up', 'soft', 'down', 'unknown', 'removed'] as const

/** `3 up, 1 down`, in the colours of each. */
export function counts(services: readonly Pick<RecordedStatus, 'status'>[]): Cell[] {
  const shown = ORDER.flatMap((status) => {
    const count = services.filter((service) => service.status === status).length
    return count ? [{ text: `${grouped(count)} ${status}`, paint: PAINT[status] }] : []
  })
  return shown.length ? shown.flatMap((cell, index) => (index ? [', ', cell] : [cell])) : ['no services']
}
