import { messageOf } from '@uptimeserver/core'
import type { Source } from './objects.js'
import type { About, IngressOptions } from './options.js'

/** What a function of the config must give. */
const EXPECTED = {
  health: [isUrlOrNothing, 'a URL or undefined'],
  exclude: [(value: unknown) => typeof value === 'boolean', 'true or false'],
  category: [isTextOrNothing, 'a text or undefined'],
  serviceName: [isTextOrNothing, 'a text'],
  headers: [isPlainOrNothing, 'a plain object or undefined'],
  options: [isPlainOrNothing, 'a plain object or undefined'],
} as const

type Asked = keyof typeof EXPECTED & keyof IngressOptions

/** What a function of the config says of a URL. Whatever it throws or gives by mistake harms that URL alone. */
export function ask<T>(name: Asked, about: About<T> | undefined, url: string, object: Source): T | undefined {
  if (!about) return undefined
  const value = call(name, about, url, object)
  const [isExpected, expected] = EXPECTED[name]
  if (isExpected(value)) return value
  // A rejection that nobody hears of ends the process.
  if (value instanceof Promise) value.catch(() => undefined)
  const found = Object.prototype.toString.call(value).slice('[object '.length, -1)
  throw new Error(`the config's ${name}() gave ${found}, expected ${expected}`)
}

/** In words, what went wrong with a URL. */
export function describeGiven(error: unknown): string {
  return messageOf(error).slice(0, 300)
}

function call<T>(name: string, about: About<T>, url: string, object: Source): T {
  try {
    return about(url, object)
  } catch (error) {
    throw new Error(`the config's ${name}() failed: ${messageOf(error)}`)
  }
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isUrlOrNothing(value: unknown): boolean {
  return isTextOrNothing(value) || value instanceof URL
}

/** What it holds is copied, of which a `Headers` or a `Map` would leave nothing. */
function isPlainOrNothing(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
