import { parse, TomlError } from 'smol-toml'
import { entryPaths, type Parsed, type Place } from './job.js'

const HEADER = /^\s*\[\[\s*["']?services["']?\s*\]\]/
const START: Place = { line: 1, column: 1 }

export function parseToml(text: string, paths?: readonly string[]): Parsed {
  try {
    const data = parse(text)
    const lines = text.split(/\r?\n/)
    return { data, places: placesOf(lines, paths ?? entryPaths(data), entryPaths(data).length) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
    return { fault: { reason, place: { line: error.line, column: error.column } } }
  }
}

/** Its parser does not say where values stand, so tables are found by their headers, and options by their lines. */
function placesOf(lines: readonly string[], paths: readonly string[], count: number): Place[] {
  const headers = lines.flatMap((line, index) => (HEADER.test(line) ? [index] : []))
  // Written inline, or a text of several lines looks like a header: then only the key is known.
  const starts = headers.length === count ? headers : []
  return paths.map((path) => {
    const [, index, option = ''] = /^services\[(\d+)\]\.?(.*)$/.exec(path) ?? []
    const start = index === undefined ? undefined : starts[Number(index)]
    if (start === undefined) return placeAt(lines, find(lines, path, 0, starts[0] ?? lines.length) ?? 0)
    const end = starts[Number(index) + 1] ?? lines.length
    return placeAt(lines, find(lines, option, start + 1, end) ?? start)
  })
}

/** The line that gives an option, or the table that it is. */
function find(lines: readonly string[], path: string, from: number, to: number): number | undefined {
  const key = /^[^.[]+/.exec(path)?.[0]
  if (!key) return undefined
  const isIt = new RegExp(`^\\s*(?:\\[+\\s*(?:services\\s*\\.\\s*)?)?["']?${quoted(key)}["']?\\s*[=.\\]]`)
  const index = lines.slice(from, to).findIndex((line) => isIt.test(line))
  return index < 0 ? undefined : from + index
}

function placeAt(lines: readonly string[], index: number): Place {
  const line = lines[index]
  return line === undefined ? START : { line: index + 1, column: line.search(/\S|$/) + 1 }
}

function quoted(key: string): string {
  return key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
