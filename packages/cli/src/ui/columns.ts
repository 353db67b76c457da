export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** To how many columns it may shrink. Without it, it is shown in full or not at all. */
  readonly least?: number
  /** Which column goes first when there is no room for all: 1, then 2 and so on. Without it, it always stays. */
  readonly drop?: number
}

/** A column that is shown: which one, and how wide. */
interface Fitted extends Column {
  readonly index: number
  width: number
}

/** What is left free between two columns. */
export const SPACE = 2

/** The columns that fit into a line of so many, and their widths. `natural` is what each would need. */
export function fitColumns(columns: readonly Column[], natural: readonly number[], line: number): Fitted[] {
  const all = columns.map((column, index) => ({ ...column, index, width: natural[index]! }))
  const kept = choose(all, line)
  shrink(kept, line)
  return kept
}

/**
 * The columns that there is room for. Once a short one has gone, those that go before it are gone too; in place of a
 * long text that found no room, short ones may stay.
 */
function choose(columns: readonly Fitted[], line: number): Fitted[] {
  const kept = columns.filter(({ drop }) => drop === undefined)
  const others = columns.filter(({ drop }) => drop !== undefined).sort((a, b) => b.drop! - a.drop!)
  let left = line - kept.reduce((sum, column) => sum + leastOf(column) + SPACE, -SPACE)
  for (const column of others) {
    const needed = leastOf(column) + SPACE
    if (needed > left && column.least === undefined) break
    if (needed > left) continue
    left -= needed
    kept.push(column)
  }
  return kept.sort((a, b) => a.index - b.index)
}

/** What is too much is taken from the last column, then from the widest; at last from any, however little it leaves. */
function shrink(kept: readonly Fitted[], line: number): void {
  const over = () => Math.max(0, kept.reduce((sum, { width }) => sum + width + SPACE, -SPACE) - line)
  const byWidth = [...kept].sort((a, b) => b.width - a.width)
  for (const column of [...kept.slice(-1), ...byWidth]) {
    column.width = Math.max(leastOf(column), column.width - over())
  }
  for (const column of byWidth) column.width = Math.max(1, column.width - over())
}

function leastOf({ least = Number.POSITIVE_INFINITY, width }: Fitted): number {
  return Math.min(least, width)
}
