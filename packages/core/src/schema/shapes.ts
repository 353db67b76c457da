import * as v from 'valibot'
import { scheduleProblems } from '../calendar/schedule.js'
import type { Plugin, Problem, Provider, Service } from '../contracts.js'
import { describe, titleOf } from '../describe.js'
import { validate } from '../problems.js'
import { percent, timingEntries } from './options.js'

/** A problem, and whose it is. */
export interface Found {
  readonly where: string
  readonly problem: Problem
}
/** A plugin, and where in the config it stands. */
export interface Placed {
  readonly item: Plugin & Partial<Service & Provider>
  readonly where: string
}

const SERVICES = { method: 'check', others: [], example: `a service such as http('https://…')` } as const

/** What a config may hold, and how each kind of it is told. */
export const SHAPES = {
  services: { ...SERVICES, key: 'services' },
  reference: { ...SERVICES, key: 'reference' },
  providers: { key: 'providers', method: 'discover', others: [], example: 'a provider' },
  consolidators: {
    key: 'consolidators',
    method: 'consolidate',
    others: [],
    example: 'a consolidator',
  },
  storage: {
    key: 'storage',
    method: 'record',
    others: [
      ...['open', 'save', 'publish', 'close', 'services', 'downtimes', 'runs', 'gaps', 'maintenance'],
      ...['summaries', 'live', 'changes', 'cursor'],
    ],
    example: 'a storage such as sqliteStorage()',
  },
} as const
type Shape = (typeof SHAPES)[keyof typeof SHAPES]

/** Flattens what the user wrote and holds each item against its shape. */
export function plugins(value: unknown, shape: Shape, found: Found[], path: string = shape.key): Placed[] {
  if (!value) return []
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      plugins(item, shape, found, shape.key === 'storage' ? path : `${path}[${index}]`),
    )
  }
  const item = value as Placed['item']
  const problems = pluginProblems(item, shape)
  const where = problems === undefined ? path : `${path} ${titleOf(item)}`
  found.push(...(problems ?? [wrongShape(value, shape)]).map((problem) => ({ where, problem })))
  return problems === undefined ? [] : [{ item, where }]
}

/** What is wrong with a plugin; `undefined` when it is none at all. */
function pluginProblems(item: Placed['item'], shape: Shape): readonly Problem[] | undefined {
  if (!isObject(item)) return undefined
  const problems = item.problems as Plugin['problems']
  if (problems?.length) return problems
  if (typeof item[shape.method] !== 'function') return undefined
  return shape.method === 'check'
    ? serviceProblems(item as unknown as Service)
    : handmadeProblems(item, shape)
}

function wrongShape(value: unknown, { method, example }: Shape): Problem {
  const hint = typeof value === 'function' ? 'it is a function: call it' : `it must have a method ${method}()`
  return { path: '', found: describe(value), expected: example, hint }
}

const isFunction = (value: unknown) => typeof value === 'function'

/** All that becomes part of the record or of the schedule: one that cannot be stored would keep others from it. */
const handmade = v.object({
  kind: v.pipe(v.string(), v.nonEmpty('a kind')),
  name: v.pipe(v.string(), v.nonEmpty('a name')),
  category: v.optional(v.string()),
  labels: v.optional(v.record(v.string(), v.string('a text'))),
  identity: v.optional(v.string()),
  objective: v.optional(percent),
  timing: v.optional(v.object(timingEntries)),
  defaults: v.optional(v.object(timingEntries)),
  close: v.optional(v.custom(isFunction, 'a method')),
})

/** What is wrong with a service, whoever made it. Also used on what providers yield. */
export function serviceProblems(service: Service): readonly Problem[] {
  if (!isObject(service) || typeof service.check !== 'function') {
    return [{ path: '', found: describe(service), expected: 'a service with a check() method' }]
  }
  return service.problems?.length ? service.problems : (validate(handmade, service).problems ?? [])
}

function handmadeProblems(item: Record<string, unknown>, { others, key }: Shape): Problem[] {
  const missing: readonly string[] = others.filter((method) => !isFunction(item[method]))
  const problems: Problem[] = missing.map((path) => ({
    path,
    found: describe(item[path]),
    expected: 'a method',
  }))
  if (typeof item.name !== 'string' || !item.name)
    problems.push({ path: 'name', found: describe(item.name), expected: 'a name' })
  if (key === 'consolidators') problems.push(...scheduleProblems(item.schedule))
  return problems
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
