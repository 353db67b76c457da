import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { formatDuration, type ResolvedConfig } from '@uptimeserver/core'
import { ZonedTimes } from '../zoned.js'
import { endpointsIn } from './endpoints.js'
import { type Finding, ok, problem, warning } from './finding.js'

/** A `Date` header says whole seconds, so a clock that differs by less may be right, in ms. */
const RESOLUTION = 1_000
/** By so much it may differ before it is told, in ms; and before figures are wrong by what anybody would notice. */
const APART = 2_000
const FAR_APART = 60_000
/** So many hosts are asked at most. */
const MOST = 5
const PATIENCE = 5_000

/** What a host says of the time, beside what this machine says. */
export interface Reading {
  readonly host: string
  /** How far this machine's clock is ahead, in ms, at least; negative: behind. 0: as far as can be told, they agree. */
  readonly ahead: number
}

/** Compares the clock with what hosts of the config say of the time. */
export async function judgeClock(config: ResolvedConfig, signal: AbortSignal): Promise<readonly Finding[]> {
  const hosts = endpointsIn(config).filter(({ protocol }) => protocol === 'http:' || protocol === 'https:')
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
  const asked = hosts.slice(0, MOST).map((url) => readClock(url, limit).catch(() => undefined))
  const readings = (await Promise.all(asked)).filter((reading) => reading !== undefined)
  const here = `it is ${new ZonedTimes(config.zone).full(Date.now())} in ${config.zone}`
  return [judgeReadings(readings, here)]
}

/** The majority is believed: one host may be wrong itself. */
export function judgeReadings(readings: readonly Reading[], here: string): Finding {
  const hosts = readings.map(({ host }) => host).join(', ')
  if (!readings.length) return warning('clock', `compared with nothing; ${here}`, UNCOMPARED)
  const sorted = readings.map(({ ahead }) => ahead).sort((a, b) => Math.abs(a) - Math.abs(b))
  const ahead = sorted[Math.floor((sorted.length - 1) / 2)]!
  const size = Math.abs(ahead)
  if (size <= APART) return ok('clock', `in time with ${hosts} as far as a Date header tells; ${here}`)
  const far = formatDuration(Math.round(size / 1_000) * 1_000)
  const found = `${far} ${ahead > 0 ? 'ahead of' : 'behind'} ${hosts}; ${here}`
  return size > FAR_APART ? problem('clock', found, NTP) : warning('clock', found, NTP)
}

const UNCOMPARED =
  'see yourself whether it is right, or add a reference such as http() that answers with a Date'
const NTP = 'keep the clock in time, with NTP (systemd-timesyncd, chrony)'

/** Nothing but the time is asked for, and nothing is sent, so it does not matter whose certificate that is. */
function readClock(url: URL, signal: AbortSignal): Promise<Reading | undefined> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const options = { method: 'HEAD', agent: false as const, signal, rejectUnauthorized: false }
  const sentAt = Date.now()
  return new Promise((resolve, reject) => {
    const asking = request(url, options, ({ headers, socket }) => {
      socket.destroy()
      const said = Date.parse(headers.date ?? '')
      resolve(Number.isNaN(said) ? undefined : { host: url.host, ahead: aheadOf(said, sentAt, Date.now()) })
    })
    asking.on('error', reject).end()
  })
}

/** It was said between two moments, and means the second that begins then. */
export function aheadOf(said: number, sentAt: number, heardAt: number): number {
  if (sentAt >= said + RESOLUTION) return sentAt - (said + RESOLUTION)
  return heardAt < said ? heardAt - said : 0
}
