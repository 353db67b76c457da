import type { SlaRow } from '@uptimeserver/core'
import { clean } from '@uptimeserver/core'
import { FIGURE_COLUMNS } from './columns.js'

/** Figures as a table of GitHub's Markdown. */
export function figuresMarkdown(rows: readonly SlaRow[]): string {
  return markdownTable(
    FIGURE_COLUMNS.map(({ title, align }) => ({ title: capitalized(title), align })),
    rows.map((row) => FIGURE_COLUMNS.map(({ text }) => text(row))),
  )
}

export interface MarkdownColumn {
  readonly title: string
  readonly align?: 'right' | undefined
}

export function markdownTable(
  columns: readonly MarkdownColumn[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [
    columns.map(({ title }) => title),
    columns.map(({ align }) => (align ? '--:' : '---')),
    ...rows.map((row) => row.map(escaped)),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** Text that Markdown shows as it is, whatever it holds. */
export function escaped(text: string): string {
  return clean(text).replace(/[\\`*_[\]<>|~&]/g, (character) => `\\${character}`)
}

/** `BUDGET LEFT` → `Budget left`. */
export function capitalized(title: string): string {
  const isAbbreviation = /^MT[TB][RF]$/.test(title)
  return isAbbreviation ? title : title.charAt(0).toUpperCase() + title.slice(1).toLowerCase()
}
