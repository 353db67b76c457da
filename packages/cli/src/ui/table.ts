import { type Cell, cut, type Paint, partOf, widthOf } from './line.js'

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** To how many columns it may shrink. Without it, it is shown in full or not at all. */
  readonly least?: number
  /** Which column goes first when there is no room for all: 1, then 2 and so on. Without it, it always stays. */
  readonly drop?: number
}

const SPACE = 2

/** A table whose lines are at most `width` columns wide: columns are left out first, then shortened. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintTitle: Paint,
): string[] {
  const titles = columns.map(({ title }) => ({ text: title, paint: paintTitle }))
  const lines = [titles, ...rows].map((row) => row.map(partOf))
  const natural = columns.map((_, index) => Math.max(...lines.map((row) => widthOf(row[index]!.text))))
  const kept = choose(columns, natural, width)
  const widths = fit(kept, columns, natural, width)
  return lines.map((row) =>
    kept
      .map((index, at) => {
        const { text, paint } = row[index]!
        const isLast = at === kept.length - 1
        return paint(pad(text, widths.get(index)!, columns[index]!.align, isLast))
      })
      .join(' '.repeat(SPACE))
      .trimEnd(),
  )
}

/** The columns that there is room for, the more important ones first. */
function choose(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const rank = (index: number) => columns[index]!.drop ?? Number.POSITIVE_INFINITY
  const kept: number[] = []
  let used = -SPACE
  for (const index of [...columns.keys()].sort((a, b) => rank(b) - rank(a) || 0)) {
    const next = used + SPACE + leastOf(columns[index]!, natural[index]!)
    if (next > width && Number.isFinite(rank(index))) continue
    used = next
    kept.push(index)
  }
  return kept.sort((a, b) => a - b)
}

/** The width of each: what is too much is taken from the last one, then from the widest; at last from any. */
function fit(
  kept: readonly number[],
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): Map<number, number> {
  const widths = new Map(kept.map((index) => [index, natural[index]!]))
  const over = () => [...widths.values()].reduce((sum, each) => sum + each + SPACE, -SPACE) - width
  const shrink = (index: number, least: number) =>
    widths.set(index, Math.max(least, widths.get(index)! - Math.max(0, over())))
  const byWidth = () => [...kept].sort((a, b) => widths.get(b)! - widths.get(a)!)
  const least = (index: number) => leastOf(columns[index]!, natural[index]!)
  for (const index of [...kept.slice(-1), ...byWidth()]) shrink(index, least(index))
  for (const index of byWidth()) shrink(index, 1)
  return widths
}

function leastOf({ least }: Column, natural: number): number {
  return least === undefined ? natural : Math.min(least, natural)
}

function pad(text: string, width: number, align: 'right' | undefined, isLast: boolean): string {
  const short = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(short)))
  return align === 'right' ? space + short : isLast ? short : short + space
}
