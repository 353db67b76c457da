import type { Interval } from '../contracts.js'

/**
 * A set of moments: `[start, end, start, end, …]`, in order, half-open, apart from one another. Flat, because a year of
 * ten thousand services is made of millions of them.
 */
export type Spans = readonly number[]

/** The union of intervals within `[from, until)`. What is open ends at `until`; reversed and empty ones count nothing. */
export function spansOf(intervals: Iterable<Interval>, from: number, until: number): Spans {
  const clipped: [start: number, end: number][] = []
  for (const { start, end } of intervals) {
    const [first, last] = [Math.max(start, from), Math.min(end ?? until, until)]
    // An interval that is reversed stays so, whatever it is clipped to.
    if (first < last && start < (end ?? until)) clipped.push([first, last])
  }
  clipped.sort(([a], [b]) => a - b)
  const spans: number[] = []
  for (const [start, end] of clipped) addSpan(spans, start, end)
  return spans
}

/** Adds a span that begins no earlier than the last one did. */
export function addSpan(spans: number[], start: number, end: number): void {
  const last = spans.length - 1
  if (last > 0 && start <= spans[last]!) spans[last] = Math.max(spans[last]!, end)
  else spans.push(start, end)
}

export function intersect(a: Spans, b: Spans): Spans {
  const both: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [start, end] = [Math.max(a[i]!, b[j]!), Math.min(a[i + 1]!, b[j + 1]!)]
    if (start < end) both.push(start, end)
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return both
}

export function subtract(a: Spans, b: Spans): Spans {
  if (!b.length || !a.length) return a
  return intersect(a, [Number.NEGATIVE_INFINITY, ...b, Number.POSITIVE_INFINITY])
}

export function unite(a: Spans, b: Spans): Spans {
  if (!a.length || !b.length) return a.length ? a : b
  const all: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isFirst = j >= b.length || (i < a.length && a[i]! <= b[j]!)
    if (isFirst) addSpan(all, a[i]!, a[i + 1]!)
    else addSpan(all, b[j]!, b[j + 1]!)
    if (isFirst) i += 2
    else j += 2
  }
  return all
}

/** The milliseconds of a set that lie within `[from, until)`. */
export function measure(
  spans: Spans,
  from = Number.NEGATIVE_INFINITY,
  until = Number.POSITIVE_INFINITY,
): number {
  let ms = 0
  for (let i = 0; i < spans.length; i += 2) {
    const length = Math.min(spans[i + 1]!, until) - Math.max(spans[i]!, from)
    if (length > 0) ms += length
  }
  return ms
}

/** The milliseconds within `[from, until)` that two sets share. */
export function measureBoth(a: Spans, b: Spans, from: number, until: number): number {
  let ms = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const start = Math.max(a[i]!, b[j]!, from)
    const end = Math.min(a[i + 1]!, b[j + 1]!, until)
    if (start < end) ms += end - start
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return ms
}
