import truncate from 'fast-string-truncated-width'

/** A cell: its text, and how it is coloured once its width is settled. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string }

export interface Column {
  readonly title: string
  readonly align?: 'right'
}

const SPACE = 2
const LEAST = 8

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g

/**
 * Lines of a table, each at most `width` columns wide. What does not fit is taken from the last column first, then
 * from the widest.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintTitle: (text: string) => string,
): string[] {
  const texts = rows.map((row) => row.map(textOf))
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...texts.map((row) => widthOf(row[index]!))),
  )
  const widths = fit(natural, width)
  const line = (cells: readonly string[], paint: (text: string, index: number) => string) =>
    cells
      .map((text, index) =>
        paint(pad(text, widths[index]!, columns[index]!.align, index === columns.length - 1), index),
      )
      .join(' '.repeat(SPACE))
      .trimEnd()
  return [
    line(
      columns.map(({ title }) => title),
      paintTitle,
    ),
    ...texts.map((row, at) => line(row, (text, index) => paintCell(rows[at]![index]!, text))),
  ]
}

/** A text cut to so many columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  const clean = text.replace(CONTROL, ' ')
  const { index, ellipsed } = truncate(clean, { limit: width, ellipsis: '…', ellipsisWidth: 1 })
  return ellipsed ? `${clean.slice(0, index)}…` : clean.slice(0, index)
}

function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  const over = () => widths.reduce((sum, each) => sum + each + SPACE, -SPACE) - width
  const last = widths.length - 1
  widths[last] = Math.max(Math.min(LEAST, widths[last]!), widths[last]! - Math.max(0, over()))
  while (over() > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= LEAST) break
    widths[widest] = Math.max(LEAST, widths[widest]! - over())
  }
  return widths
}

function pad(text: string, width: number, align: 'right' | undefined, isLast: boolean): string {
  const short = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(short)))
  return align === 'right' ? space + short : isLast ? short : short + space
}

function paintCell(cell: Cell, text: string): string {
  return typeof cell === 'string' ? text : cell.paint(text)
}

function textOf(cell: Cell): string {
  return (typeof cell === 'string' ? cell : cell.text).replace(CONTROL, ' ')
}

function widthOf(text: string): number {
  return truncate(text).width
}
