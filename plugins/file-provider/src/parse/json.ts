import { entryPaths, type Parsed, type Place } from './job.js'
import { parseYaml } from './yaml.js'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]|[^\s{}[\],:"]+/g
const START: Place = { line: 1, column: 1 }

/** Node's own parser is a hundred times as fast; YAML's, which reads JSON too, knows where things stand. */
export function parseJson(text: string, paths?: readonly string[]): Parsed {
  const data = paths ? undefined : read(text)
  if (data === undefined) return parseYaml(text, paths)
  const wanted = entryPaths(data)
  const offsets = wanted.length ? offsetsOf(text, Array.isArray(data) ? 1 : 2) : []
  const places = placesOf(text, offsets)
  // Where "services" comes twice, the first of them is found and the last one counts.
  return { data, places: places.length === wanted.length ? places : wanted.map(() => START) }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Where the items of the list begin that is the whole text (depth 1), or is called services (depth 2). */
function offsetsOf(text: string, level: 1 | 2): number[] {
  const offsets: number[] = []
  let depth = 0
  let isInside = level === 1
  let last = ''
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const isClosing = token === ']' || token === '}'
    if (isClosing) depth--
    if (isInside && isClosing && depth < level && offsets.length) break
    if (level === 2 && depth === 1 && token === '[') isInside = last === '"services"'
    if (isInside && depth === level && !isClosing && token !== ',') offsets.push(index)
    if (token === '[' || token === '{') depth++
    last = token
  }
  return offsets
}

function placesOf(text: string, offsets: readonly number[]): Place[] {
  let line = 1
  let start = 0
  return offsets.map((offset) => {
    for (let end = text.indexOf('\n', start); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
      line++
      start = end + 1
    }
    return { line, column: offset - start + 1 }
  })
}
