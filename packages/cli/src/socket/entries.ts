import { text } from 'node:stream/consumers'
import { messageOf, UptimeError } from '@uptimeserver/core'

/** The entries of texts, each of one or a list of several; `-` is standard input. @throws UptimeError `CONFIG_INVALID` */
export async function readEntries(texts: readonly string[]): Promise<unknown[]> {
  const entries: unknown[] = []
  for (const each of texts) entries.push(...parse(each, each === '-' ? await text(process.stdin) : each))
  return entries
}

function parse(name: string, json: string): unknown[] {
  const value = parseJson(name === '-' ? 'standard input' : `"${name.slice(0, 60)}"`, json)
  return Array.isArray(value) ? value : [value]
}

function parseJson(what: string, json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    const expected = `JSON of an entry such as {"type":"http",…}, or of a list of them`
    throw new UptimeError('CONFIG_INVALID', `${what}: expected ${expected}; ${messageOf(cause)}`, { cause })
  }
}
