import type {
  Correction,
  Downtime,
  Entry,
  Gap,
  Live,
  Maintenance,
  Run,
  ServiceRecord,
  Summary,
} from '@uptimeserver/core'
import type {
  CorrectionDocument,
  DowntimeDocument,
  GapDocument,
  LiveDocument,
  LogDocument,
  MaintenanceDocument,
  RunDocument,
  ServiceDocument,
  SummaryDocument,
} from './documents.js'

/** Documents as the contract knows them. What is optional and absent stays absent. */

export function serviceOf(document: ServiceDocument): ServiceRecord {
  const { service: id, kind, name, category, labels, objective, sources, monitored } = document
  return {
    ...{ id, kind, name, sources },
    ...(category !== undefined && { category }),
    ...(labels && { labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])) }),
    ...(objective !== undefined && { objective }),
    monitored: monitored.map(intervalOf),
  }
}

export function downtimeOf(document: DowntimeDocument): Downtime {
  const { id, service, reason, detail, corrections = [] } = document
  return {
    ...{ id, service, ...intervalOf(document), reason },
    ...(detail !== undefined && { detail: JSON.parse(detail) }),
    corrections: corrections.map((correction) => correctionOf(id, correction)),
  }
}

function correctionOf(downtime: string, { at, ...said }: CorrectionDocument): Correction {
  return { type: 'correction', ...said, downtime, at: at.getTime() }
}

export function gapOf(document: GapDocument): Gap {
  const { id, service, reason } = document
  return { id, service, ...intervalOf(document), reason }
}

export function runOf({ id, start, end }: RunDocument): Run {
  return { id, start: start.getTime(), end: end.getTime() }
}

export function maintenanceOf(document: MaintenanceDocument): Maintenance {
  const { window, services, reason, author } = document
  return {
    ...{ window, ...intervalOf(document), reason },
    ...(services && { services }),
    ...(author !== undefined && { author }),
  }
}

export function summaryOf({ key, version, asOf, at, body }: SummaryDocument): Summary {
  return { key, version, asOf, at: at.getTime(), body: JSON.parse(body) }
}

export function liveOf({ key, at, body }: LiveDocument): Live {
  return { key, at: at.getTime(), body: JSON.parse(body) }
}

export function entryOf({ seq, term, facts }: LogDocument): Entry {
  return { seq, term, events: JSON.parse(facts) }
}

function intervalOf({ start, end }: { readonly start: Date; readonly end: Date | null }) {
  return { start: start.getTime(), end: end === null ? null : end.getTime() }
}
