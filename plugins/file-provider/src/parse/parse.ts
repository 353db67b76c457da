import { messageOf } from '@uptimeserver/core'
import type { Job, Parsed } from './job.js'
import { parseJson } from './json.js'
import { parseToml } from './toml.js'
import { parseYaml } from './yaml.js'

const PARSERS = { yaml: parseYaml, json: parseJson, toml: parseToml }

/** Reads a text, and finds in it what the job asks for. Never throws. */
export function parse({ format, text, paths }: Job): Parsed {
  try {
    return PARSERS[format](text, paths)
  } catch (error) {
    const isDeep = error instanceof RangeError
    return { fault: { reason: isDeep ? 'it is nested too deeply' : messageOf(error).split('\n')[0]! } }
  }
}
