import { formatDuration, type ReportedDowntime, type SlaRow } from '@uptimeserver/core'
import { FIGURE_COLUMNS, isMissed, percent } from '../figures/columns.js'
import { capitalized } from '../figures/markdown.js'
import { plural } from '../ui/format.js'
import { ZonedTimes } from '../zoned.js'
import { barsOf } from './bars.js'
import type { ReportData } from './data.js'
import { Html, html } from './html.js'
import { STYLE } from './style.js'
import { correctionOf, headlineOf, notesOf, periodName, servicesOf, spanOf } from './words.js'

/** The report as one page that needs nothing else. */
export function reportPage(data: ReportData): string {
  const { title, period } = data
  const body = [head(data), figures(data), bars(data), downtimes(data), maintenance(data), notes(data)]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${periodName(period)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.text
}

function head(data: ReportData): Html {
  const tiles = headlineOf(data).map(([value, name]) => html`<li><b>${value}</b>${name}</li>`)
  return html`<header>
<h1>${data.title}</h1>
<p>${periodName(data.period)} <span class="soft">· ${spanOf(data)}</span></p>
</header>
<ul class="tiles">${tiles}</ul>
`
}

function figures({ services, groups }: ReportData): Html {
  const titles = FIGURE_COLUMNS.map(
    ({ title, align }) => html`<th${align ? new Html(' class="r"') : ''}>${capitalized(title)}</th>`,
  )
  return html`<h2>Availability</h2>
<div class="scroll"><table><thead><tr>${titles}</tr></thead><tbody>
${[...services, ...groups].map(figureRow)}</tbody></table></div>
`
}

function figureRow(row: SlaRow): Html {
  const missed = isMissed(row)
  const verdict = missed === undefined ? '' : missed ? ' missed' : ' met'
  const cells = FIGURE_COLUMNS.map(({ title, text, align }) => {
    const own = title === 'SERVICE' ? 'name' : `${align ? 'r' : ''}${title === 'UPTIME' ? verdict : ''}`
    return html`<td class="${own}">${text(row)}</td>`
  })
  return html`<tr>${cells}</tr>
`
}

const LEGEND = [
  ['up', 'up'],
  ['hurt', 'down, within the objective'],
  ['down', 'down, objective missed'],
  ['dark', 'not observed'],
  ['agreed', 'maintenance'],
  ['none', 'not monitored, or still to come'],
] as const

const HOUR = 3_600_000
/** About how long a bar stands for, in ms: a period has so many of them. */
const LENGTHS = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 168 * HOUR,
  month: 730.5 * HOUR,
  quarter: 2_191.5 * HOUR,
  year: 8_766 * HOUR,
}

function bars({ services, series, by, period }: ReportData): Html {
  if (!series.some(({ points }) => points.length)) return html``
  const rows = new Map(services.map((row) => [row.service, row]))
  const count = Math.max(1, ...series.map(({ points }) => points.length))
  const whole = Math.max(count, Math.round((period.end - period.start) / LENGTHS[by]))
  const legend = LEGEND.map(
    ([name, text]) =>
      html`<li><svg viewBox="0 0 1 1"><rect class="${name}" width="1" height="1"/></svg>${text}</li>`,
  )
  const lines = series.map((one) => {
    const row = rows.get(one.service)
    return html`<div class="bars"><div><b>${one.name}</b><span>${percent(row?.uptime ?? null)}</span></div>
${barsOf(one, whole, row?.objective ?? null)}</div>
`
  })
  const times = new ZonedTimes(period.zone)
  return html`<h2>${capitalized(by)} by ${by}</h2>
<ul class="legend">${legend}</ul>
${lines}<div class="axis"><span>${times.short(period.start)}</span><span>${times.short(period.end)}</span></div>
`
}

function downtimes({ downtimes, period }: ReportData): Html {
  const times = new ZonedTimes(period.zone)
  const titles = ['Service', 'Start', 'End', 'Duration', 'Counted', 'Reason', 'Id']
  const rows = downtimes.map((downtime) => downtimeRow(downtime, times))
  const table = html`<div class="scroll"><table class="wide"><thead><tr>${titles.map(
    (title) => html`<th${/Duration|Counted/.test(title) ? new Html(' class="r"') : ''}>${title}</th>`,
  )}</tr></thead><tbody>
${rows}</tbody></table></div>`
  return html`<h2>${plural(downtimes.length, 'downtime')}</h2>
${downtimes.length ? table : html`<p>None.</p>`}
`
}

function downtimeRow(downtime: ReportedDowntime, times: ZonedTimes): Html {
  const { id, name, start, end, observedMs, excluded, reason } = downtime
  const said = correctionOf(downtime, times)
  const why = excluded ? html`<s>${reason}</s>` : html`${reason}`
  return html`<tr><td class="name">${name}</td><td class="n">${times.full(start)}</td>
<td class="n">${end === null ? 'goes on' : times.full(end)}</td><td class="r">${end === null ? '–' : formatDuration(end - start)}</td>
<td class="r">${formatDuration(observedMs)}</td><td class="why">${why}${said ? html`<br><small>${said}</small>` : ''}</td><td><code>${id}</code></td></tr>
`
}

function maintenance({ maintenance, names, period }: ReportData): Html {
  if (!maintenance.length) return html``
  const times = new ZonedTimes(period.zone)
  const rows = maintenance.map(
    ({ start, end, services, reason, author, window }) => html`<tr><td class="n">${times.full(start)}</td>
<td class="n">${end === null ? 'goes on' : times.full(end)}</td><td>${servicesOf(services, names)}</td><td>${reason}</td>
<td>${author ?? 'config'}</td><td><code>${window}</code></td></tr>
`,
  )
  return html`<h2>Maintenance</h2>
<div class="scroll"><table class="wide"><thead><tr><th>Start</th><th>End</th><th>Services</th><th>Reason</th><th>Said by</th><th>Id</th></tr></thead><tbody>
${rows}</tbody></table></div>
`
}

function notes(data: ReportData): Html {
  const items = notesOf(data).map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)
  return html`<h2>How it was counted</h2>
<dl>${items}</dl>
<footer>Made by Uptime Server on ${new ZonedTimes(data.period.zone).full(data.generatedAt)}.</footer>
`
}
