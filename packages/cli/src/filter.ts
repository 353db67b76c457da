import { type ServiceFacts, UptimeError } from '@uptimeserver/core'
import type { FilterOptions } from './program.js'

/** Which services the words and options of a command choose: any of the words, all of the options. */
export function createFilter(
  words: readonly string[],
  options: FilterOptions,
): (facts: ServiceFacts) => boolean {
  const lower = words.map((word) => word.toLowerCase())
  const labels = (options.label ?? []).map(parseLabel)
  return ({ id, kind, name, category, labels: own = {} }) =>
    (!lower.length || lower.some((word) => id === word || name.toLowerCase().includes(word))) &&
    (options.kind === undefined || kind === options.kind) &&
    (options.category === undefined || category === options.category) &&
    labels.every(([key, value]) => own[key] === value)
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new UptimeError(
    'CONFIG_INVALID',
    `--label: found "${text}", expected name=value such as team=payments`,
  )
}
