import type { SlaRow } from '@uptimeserver/core'
import { type FigureJson, figureJson } from './json.js'

type Value = string | number | null | undefined

const FIGURES = [
  ...['uptime', 'coverage', 'observedMs', 'unobservedMs', 'maintenanceMs', 'downMs', 'downtimes'],
  ...['longestMs', 'mttrMs', 'mtbfMs', 'objective', 'budgetMs', 'budgetLeftMs'],
  ...['budgetUsedUpAt', 'version', 'asOf'],
] as (keyof FigureJson)[]

type CsvColumn = readonly [title: string, value: (row: FigureJson) => Value]

const COLUMNS: readonly CsvColumn[] = [
  ['name', ({ name }) => name],
  ['service', ({ service }) => service],
  ['kind', ({ kind }) => kind],
  ['category', ({ category }) => category],
  ['group', ({ group }) => group?.by],
  ['figure', ({ group }) => group?.figure],
  ['period', ({ period }) => period.label],
  ['start', ({ period }) => period.start],
  ['end', ({ period }) => period.end],
  ['zone', ({ period }) => period.zone],
  ...FIGURES.map((key): CsvColumn => [key, (row) => row[key] as Value]),
  ['unobserved', ({ policy }) => policy.unobserved],
  ['maintenance', ({ policy }) => policy.maintenance],
]

/** Figures as RFC 4180 has it: a line of titles, commas, and lines that end with CR LF. */
export function figuresCsv(rows: readonly SlaRow[]): string {
  const values = rows.map(figureJson).map((row) => COLUMNS.map(([, value]) => value(row)))
  return csv(
    COLUMNS.map(([title]) => title),
    values,
  )
}

export function csv(titles: readonly string[], rows: readonly (readonly Value[])[]): string {
  return [titles, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/**
 * A text that begins like a formula is one to a spreadsheet, and names are not always ours to choose: it gets a quote in
 * front, as https://owasp.org/www-community/attacks/CSV_Injection advises.
 */
function cell(value: Value): string {
  if (typeof value !== 'string') return String(value ?? '')
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
