import { parseDuration } from '@uptimeserver/core'
import { readText } from './body.js'
import type { Reply } from './exchange.js'
import { query } from './json-path.js'
import type { BodyExpectations, Expectations, JsonExpectation } from './options.js'
import { formatStatus, matchesStatus } from './status.js'

const SHOWN = 80

/** Whether the body has to be read. */
export function needsBody({ body }: Expectations = {}): boolean {
  return body !== undefined
}

/**
 * What a reply lacks, each in words that name what came and what was expected. A wrong status stands alone: the rest
 * of an error page tells nothing.
 */
export function findFaults(
  reply: Reply,
  expect: Expectations,
  latencyMs: number,
  maxBody: number,
): string[] | Promise<string[]> {
  const status = expect.status ?? '2xx'
  if (!matchesStatus(reply.status, status))
    return [`status ${reply.status}, expected ${formatStatus(status)}`]
  const faults = [
    ...headerFaults(reply, expect),
    ...latencyFaults(latencyMs, expect),
    ...certificateFaults(reply, expect),
  ]
  return expect.body ? bodyFaults(reply, expect.body, maxBody).then((more) => [...faults, ...more]) : faults
}

function headerFaults({ headers }: Reply, expect: Expectations): string[] {
  return Object.entries(expect.headers ?? {}).flatMap(([name, expected]) => {
    const found = headers[name.toLowerCase()]
    const value = found === undefined ? undefined : [found].flat().join(', ')
    if (value !== undefined && matchesText(value, expected)) return []
    return [
      `header ${name} is ${value === undefined ? 'missing' : shown(value)}, expected ${shown(expected)}`,
    ]
  })
}

function latencyFaults(latencyMs: number, expect: Expectations): string[] {
  const most = expect.latency === undefined ? undefined : parseDuration(expect.latency)
  if (most === undefined || latencyMs <= most) return []
  return [`latency ${Math.round(latencyMs)} ms, expected at most ${most} ms`]
}

function certificateFaults(
  { certificateDays: days }: Reply,
  { certificateDays: least }: Expectations,
): string[] {
  if (least === undefined || (days !== undefined && days >= least)) return []
  if (days === undefined)
    return [`no certificate (the URL is not https), expected one for at least ${least} days`]
  if (days < 0)
    return [`certificate expired ${Math.ceil(-days)} days ago, expected at least ${least} days left`]
  return [`certificate expires in ${Math.floor(days)} days, expected at least ${least}`]
}

async function bodyFaults(reply: Reply, expect: BodyExpectations, maxBody: number): Promise<string[]> {
  const { text, isCut } = await readText(reply, maxBody)
  const within = isCut ? ` within its first ${maxBody} bytes` : ''
  const missing = [expect.contains ?? []].flat().filter((part) => !text.includes(part))
  const unmatched = expect.matches && !matchesText(text, expect.matches)
  return [
    ...missing.map((part) => `body does not contain ${shown(part)}${within}: ${shown(text)}`),
    ...(unmatched ? [`body does not match ${shown(expect.matches!)}${within}: ${shown(text)}`] : []),
    ...(expect.json ? jsonFaults(text, expect.json, isCut, maxBody) : []),
  ]
}

function jsonFaults(
  text: string,
  json: Readonly<Record<string, JsonExpectation>>,
  isCut: boolean,
  maxBody: number,
): string[] {
  if (isCut) return [`the body is longer than ${maxBody} bytes and cannot be read as JSON; raise maxBody`]
  const document = parseJson(text)
  if (!document) return [`the body is no JSON: ${shown(text)}`]
  return Object.entries(json).flatMap(([path, expected]) => {
    const found = query(document.value, path)
    if (!found.length) return [`${path} is not in the body, expected ${shown(expected)}`]
    return found
      .filter((value) => !matchesJson(value, expected))
      .slice(0, 1)
      .map((value) => `${path} is ${shown(value)}, expected ${shown(expected)}`)
  })
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function matchesJson(value: unknown, expected: JsonExpectation): boolean {
  return expected instanceof RegExp ? matchesText(String(value), expected) : value === expected
}

/** A pattern with the flag `g` or `y` would remember where it stopped. */
function matchesText(value: string, expected: string | RegExp): boolean {
  if (typeof expected === 'string') return value === expected
  expected.lastIndex = 0
  return expected.test(value)
}

function shown(value: unknown): string {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'nothing')
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
