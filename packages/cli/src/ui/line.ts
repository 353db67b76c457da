import { clean } from '@uptimeserver/core'
import truncate from 'fast-string-truncated-width'

export type Paint = (text: string) => string
/** A piece of a line: its text, and how it is coloured once it is clean and its width is settled. */
export type Cell = string | Part

interface Part {
  readonly text: string
  readonly paint: Paint
  /** Makes room for what comes after it: where the line is too long, this takes a third of it at most. */
  readonly yields?: boolean
}

/** One line of so many columns at most, with an ellipsis where something is missing. */
export function renderLine(cells: readonly Cell[], width: number): string {
  const full = cells.map(partOf)
  const parts = widthOf(textOf(full)) > width ? full.map((part) => yielding(part, width)) : full
  const whole = textOf(parts)
  const short = cut(whole, width)
  if (short === whole) return slice(parts, 0, whole.length)
  return `${slice(parts, 0, Math.max(0, short.length - 1))}${short.slice(-1)}`
}

/** The same in as many lines as it takes, broken between words. Lines after the first are indented further. */
export function wrapLine(cells: readonly Cell[], width: number): string[] {
  const parts = cells.map(partOf)
  const whole = textOf(parts)
  const first = whole.search(/\S|$/)
  const indent = ' '.repeat(Math.min(first + 2, Math.floor(width / 2)))
  const lines: string[] = []
  for (let start = 0, end: number; start < whole.length || !lines.length; start = skipSpaces(whole, end)) {
    end = endOfLine(whole, start, start ? width - indent.length : width)
    lines.push(`${start ? indent : ''}${slice(parts, start, end)}`)
  }
  return lines
}

/** A clean text cut to so many columns. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return width < 1 ? '' : `${text.slice(0, fitting(text, width - 1))}…`
}

export function widthOf(text: string): number {
  return truncate(text).width
}

/** The one way from a cell to the screen. */
export function partOf(cell: Cell): Part {
  const part = typeof cell === 'string' ? { text: cell, paint: String } : cell
  return { ...part, text: clean(part.text) }
}

function yielding(part: Part, width: number): Part {
  return part.yields ? { ...part, text: cut(part.text, Math.floor(width / 3)) } : part
}

/** Before the last word that does not fit; within a word only when it is longer than a line. */
function endOfLine(text: string, start: number, width: number): number {
  const end = start + Math.max(1, fitting(text.slice(start), width))
  if (end >= text.length) return text.length
  const space = text.lastIndexOf(' ', end)
  return space > start && text.slice(start, space).trim() ? space : end
}

function skipSpaces(text: string, at: number): number {
  return text[at] === ' ' ? skipSpaces(text, at + 1) : at
}

/** How many characters fit into so many columns. Among rare scripts the library's answer may be too wide. */
function fitting(text: string, width: number): number {
  let { index } = truncate(text, { limit: width })
  while (index > 0 && widthOf(text.slice(0, index)) > width) index--
  return index
}

function textOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('')
}

function slice(parts: readonly Part[], start: number, end: number): string {
  let before = 0
  const pieces = parts.map(({ text, paint }) => {
    const piece = text.slice(Math.max(0, start - before), Math.max(0, end - before))
    before += text.length
    return piece && paint(piece)
  })
  return pieces.join('')
}
