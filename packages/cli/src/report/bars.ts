import { formatDuration, type Series, type SeriesPoint } from '@uptimeserver/core'
import { percent } from '../figures/columns.js'
import { type Html, html } from './html.js'

/** Units of the drawing: each part of the period is so wide, and all are so high. */
const WIDTH = 10
const HEIGHT = 26
/** The least that is shown of a downtime, however short: it must be seen. */
const LEAST = 7

/** One bar for each part of a period: how much of it was down, not observed or agreed, from the ground up. */
export function barsOf({ name, points }: Series, count: number, objective: number | null): Html {
  const told = points.filter(({ downMs }) => downMs > 0).length
  const label = `${name}: ${told ? `downtime in ${told} of ${points.length} parts` : 'no downtime'}`
  return html`<svg viewBox="0 0 ${count * WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${points.map(
    (point, index) => barOf(point, index, objective),
  )}${rest(points.length, count)}</svg>`
}

function barOf(point: SeriesPoint, index: number, objective: number | null): Html {
  const pieces = piecesOf(point, objective)
  let top = 0
  const rects = pieces.map(([className, height]) => {
    const y = top
    top += height
    return html`<rect class="${className}" x="${index * WIDTH + 0.75}" y="${y}" width="${WIDTH - 1.5}" height="${height}"/>`
  })
  return html`<g><title>${titleOf(point)}</title>${rects}</g>`
}

/** From the top down: colour and height. */
function piecesOf(point: SeriesPoint, objective: number | null): [className: string, height: number][] {
  const { observedMs, unobservedMs, maintenanceMs, downMs, uptime } = point
  const whole = observedMs + unobservedMs + maintenanceMs
  if (!whole) return [['none', HEIGHT]]
  const heightOf = (ms: number, least: number) => (ms > 0 ? Math.max(least, (HEIGHT * ms) / whole) : 0)
  const down = heightOf(Math.min(downMs, observedMs), LEAST)
  const dark = Math.min(heightOf(unobservedMs, 1), HEIGHT - down)
  const agreed = Math.min(heightOf(maintenanceMs, 1), HEIGHT - down - dark)
  const isMissed = uptime !== null && objective !== null && uptime < objective
  const isHurt = downMs > 0 && !isMissed
  const up = observedMs > downMs ? HEIGHT - down - dark - agreed : 0
  const pieces: [string, number][] = [
    ['dark', dark],
    ['agreed', agreed],
    ['up', up],
    [isHurt ? 'hurt' : 'down', down + (observedMs > downMs ? 0 : HEIGHT - down - dark - agreed)],
  ]
  return pieces.filter(([, height]) => height > 0)
}

/** What has not begun. */
function rest(from: number, count: number): Html[] {
  return Array.from(
    { length: count - from },
    (_, index) =>
      html`<rect class="none" x="${(from + index) * WIDTH + 0.75}" y="0" width="${WIDTH - 1.5}" height="${HEIGHT}"/>`,
  )
}

function titleOf({ label, uptime, coverage, downMs, downtimes, maintenanceMs }: SeriesPoint): string {
  const parts = [
    `${label}: ${percent(uptime)}`,
    downMs && `${downtimes} × down, ${formatDuration(downMs)}`,
    coverage !== null && coverage < 100 && `coverage ${percent(coverage)}`,
    maintenanceMs && `maintenance ${formatDuration(maintenanceMs)}`,
  ]
  return parts.filter(Boolean).join(' · ')
}
