import { isSecret, withoutUserinfo } from './secret.js'

/** Where secrets stand, also when somebody forgot to wrap them. */
const SECRETIVE = /secret|passw|passphrase|token|api.?key|auth|cookie|credential|^headers\b|^tls\b/i
const LONGEST = 60

/** What stands somewhere in a config, fit to be printed: short, and never a secret. */
export function describe(value: unknown, path = ''): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (isSecret(value)) return 'a secret'
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return describeObject(value)
  if (SECRETIVE.test(path)) return `a ${typeof value} (hidden)`
  return typeof value === 'string' ? quote(withoutUserinfo(value)) : `${String(value)} (${typeof value})`
}

/** What a plugin is called in messages, as far as it says: `http "shop"`. */
export function titleOf({ kind, name }: { kind?: unknown; name?: unknown }): string {
  return [kind, name && `"${String(name)}"`].filter(Boolean).join(' ')
}

function describeObject(value: object): string {
  const className = value.constructor?.name
  if (className && className !== 'Object') return `an object of ${className}`
  const keys = Object.keys(value)
  return keys.length ? cut(`an object with ${keys.join(', ')}`) : 'an empty object'
}

function quote(text: string): string {
  return cut(JSON.stringify(text))
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
