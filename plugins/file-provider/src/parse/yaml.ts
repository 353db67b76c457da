import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { entryPaths, type Parsed, type Place } from './job.js'

/** Merge keys (`<<`) are left out: one that merges what merges takes exponential time. `defaults` does what they do. */
const OPTIONS = { prettyErrors: false, merge: false }

export function parseYaml(text: string, paths?: readonly string[]): Parsed {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...OPTIONS, lineCounter: lines })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const flaw = document.errors[0] ?? document.warnings[0]
  if (flaw) return { fault: { reason: reasonOf(flaw), place: placeAt(flaw.pos[0]) } }
  // An alias is the same object again, whose extent is measured before anybody walks it.
  const data = document.toJS({ maxAliasCount: -1 }) as unknown
  return { data, places: (paths ?? entryPaths(data)).map((path) => placeAt(offsetOf(document, path))) }
}

/** Without what stands in the file, which may be secret. */
function reasonOf({ code, message }: YAMLError | { code: string; message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'it holds several documents, expected one'
  return message.split('\n')[0]!.replace(/( token in YAML stream| at node end).*$/, '$1')
}

/** Of the innermost thing on the way that is there. An option is found at its key. */
function offsetOf(document: Document, path: string): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (let rest = path; rest; ) {
    if (isAlias(node)) node = node.resolve(document)
    const step = stepInto(node, rest)
    if (!step) break
    node = step.node
    offset = startOf(step.at)
    rest = rest.slice(step.length).replace(/^\./, '')
  }
  return offset
}

interface Step {
  readonly node: unknown
  readonly at: unknown
  readonly length: number
}

function stepInto(node: unknown, path: string): Step | undefined {
  if (isMap(node)) return stepIntoMap(node.items, path)
  const [text, index] = /^\[(\d+)\]/.exec(path) ?? []
  const item: unknown = isSeq(node) && index !== undefined ? node.items[Number(index)] : undefined
  return item ? { node: item, at: item, length: text!.length } : undefined
}

/** The longest key that the path begins with, for a key may have dots of its own. */
function stepIntoMap(pairs: readonly Pair[], path: string): Step | undefined {
  let found: Step | undefined
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : ''
    const begin = [name, `[${name}]`].find((each) => each && beginsWith(path, each))
    if (begin && begin.length > (found?.length ?? 0)) found = { node: value, at: key, length: begin.length }
  }
  return found
}

function beginsWith(path: string, part: string): boolean {
  return path.startsWith(part) && ['', '.', '['].includes(path.charAt(part.length))
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0
}
