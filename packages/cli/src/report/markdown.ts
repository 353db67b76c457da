import { formatDuration } from '@uptimeserver/core'
import { escaped, figuresMarkdown, markdownTable } from '../figures/markdown.js'
import { plural } from '../ui/format.js'
import { ZonedTimes } from '../zoned.js'
import type { ReportData } from './data.js'
import { correctionOf, headlineOf, notesOf, periodName, servicesOf, spanOf } from './words.js'

/** The report as Markdown. */
export function reportMarkdown(data: ReportData): string {
  const times = new ZonedTimes(data.period.zone)
  const sections = [
    `# ${escaped(data.title)}`,
    `${escaped(periodName(data.period))} · ${escaped(spanOf(data))}`,
    headlineOf(data)
      .map(([value, name]) => `- **${escaped(value)}** ${escaped(name)}`)
      .join('\n'),
    '## Availability',
    figuresMarkdown([...data.services, ...data.groups]).trimEnd(),
    `## ${plural(data.downtimes.length, 'downtime')}`,
    data.downtimes.length ? downtimesTable(data, times) : 'None.',
    ...(data.maintenance.length ? ['## Maintenance', maintenanceTable(data, times)] : []),
    '## How it was counted',
    notesOf(data)
      .map(([name, text]) => `- ${escaped(name)}: ${escaped(text)}`)
      .join('\n'),
    `Made by Uptime Server on ${escaped(times.full(data.generatedAt))}.`,
  ]
  return `${sections.join('\n\n')}\n`
}

function downtimesTable({ downtimes }: ReportData, times: ZonedTimes): string {
  const columns = [
    ...[
      { title: 'Service' },
      { title: 'Start' },
      { title: 'End' },
      { title: 'Duration', align: 'right' as const },
    ],
    ...[
      { title: 'Counted', align: 'right' as const },
      { title: 'Reason' },
      { title: 'Correction' },
      { title: 'Id' },
    ],
  ]
  const rows = downtimes.map((downtime) => [
    ...[downtime.name, times.full(downtime.start)],
    downtime.end === null ? 'goes on' : times.full(downtime.end),
    downtime.end === null ? '–' : formatDuration(downtime.end - downtime.start),
    ...[formatDuration(downtime.observedMs), downtime.reason, correctionOf(downtime, times), downtime.id],
  ])
  return markdownTable(columns, rows).trimEnd()
}

function maintenanceTable({ maintenance, names }: ReportData, times: ZonedTimes): string {
  const titles = ['Start', 'End', 'Services', 'Reason', 'Said by', 'Id']
  const rows = maintenance.map(({ window, start, end, services, reason, author }) => [
    ...[times.full(start), end === null ? 'goes on' : times.full(end), servicesOf(services, names)],
    ...[reason, author ?? 'config', window],
  ])
  return markdownTable(
    titles.map((title) => ({ title })),
    rows,
  ).trimEnd()
}
