import { type Column, fitColumns, SPACE } from './columns.js'
import { type Cell, cut, type Paint, partOf, widthOf } from './line.js'

/** A table whose lines are at most `width` columns wide: columns are left out first, then shortened. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintTitle: Paint,
): string[] {
  const titles = columns.map(({ title }) => ({ text: title, paint: paintTitle }))
  const lines = [titles, ...rows].map((row) => row.map(partOf))
  const natural = columns.map((_, index) =>
    lines.reduce((widest, row) => Math.max(widest, widthOf(row[index]!.text)), 0),
  )
  const fitted = fitColumns(columns, natural, width)
  const gap = ' '.repeat(SPACE)
  const cell = (row: (typeof lines)[number], at: number) => {
    const { index, width, align } = fitted[at]!
    const { text, paint } = row[index]!
    return paint(pad(text, width, align, at === fitted.length - 1))
  }
  return lines.map((row) =>
    fitted
      .map((_, at) => cell(row, at))
      .join(gap)
      .trimEnd(),
  )
}

function pad(text: string, width: number, align: 'right' | undefined, isLast: boolean): string {
  const short = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(short)))
  return align === 'right' ? space + short : isLast ? short : short + space
}
