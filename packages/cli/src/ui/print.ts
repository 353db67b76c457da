import { colors } from './colors.js'
import type { Column } from './columns.js'
import { type Cell, wrapLine } from './line.js'
import { renderTable } from './table.js'

/** How wide the terminal is; a pipe takes what comes. */
export function terminalWidth(): number {
  return process.stdout.columns || Number.POSITIVE_INFINITY
}

/** A line for people, in as many lines of the terminal as it takes. */
export function printLine(...cells: readonly Cell[]): void {
  write(wrapLine(cells, terminalWidth()))
}

/** A table and an empty line below it; without rows nothing. */
export function printTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  if (rows.length) write([...renderTable(columns, rows, terminalWidth(), colors.dim), ''])
}

function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
