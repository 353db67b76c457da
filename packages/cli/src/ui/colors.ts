import pc from 'picocolors'
import type { Cell, Paint } from './line.js'

/**
 * Colours for people only: in a terminal, or where FORCE_COLOR asks for them. Left to itself the library also colours
 * whatever runs under CI, pipes included.
 */
export function colorsFor(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const asked = FORCE_COLOR !== undefined && FORCE_COLOR !== '0'
  return pc.createColors(!NO_COLOR && (asked || (stream.isTTY === true && TERM !== 'dumb')))
}

/** For what is written to standard output. */
export const colors = colorsFor(process.stdout)

const cellIn =
  (paint: Paint) =>
  (text: string): Cell => ({ text, paint })

export const bold = cellIn(colors.bold)
export const dim = cellIn(colors.dim)
export const red = cellIn(colors.red)
export const yellow = cellIn(colors.yellow)
export const green = cellIn(colors.green)
