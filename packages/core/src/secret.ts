import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { messageOf, UptimeError } from './errors.js'

const BRAND = Symbol.for('uptimeserver.secret')
const HIDDEN = '***'

/** A value that prints as `***` wherever it ends up: logs, errors, JSON, `console.log`. */
export interface Secret {
  readonly [BRAND]: true
  /** The value itself, for the one place that sends it. Throws `CONFIG_INVALID` when it cannot be had. */
  reveal(): string
  /** Why it cannot be had, or `undefined`. */
  readonly problem: string | undefined
}

class Hidden implements Secret {
  readonly [BRAND] = true
  readonly #read: () => string

  constructor(read: () => string) {
    this.#read = read
  }

  reveal(): string {
    return this.#read()
  }

  get problem(): string | undefined {
    try {
      this.#read()
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** Wraps a value that is at hand. Prefer `secret.env()` and `secret.file()`, which keep it out of the config. */
export function secret(value: string): Secret {
  return new Hidden(() => value)
}

/** The value of an environment variable, read when it is needed. Unset or empty is a configuration error. */
secret.env = (name: string): Secret =>
  new Hidden(() => process.env[name] || missing(`environment variable ${name} is not set`))

/** The content of a file without its last line break, read anew whenever it is needed, so that a rotated secret is seen. */
secret.file = (path: string): Secret => new Hidden(() => readSecretFile(path))

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '') || missing(`secret file ${path} is empty`)
  } catch (cause) {
    return missing(`secret file ${path} cannot be read: ${messageOf(cause)}`)
  }
}

function missing(why: string): never {
  throw new UptimeError('CONFIG_INVALID', why)
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** The text of a value that may or may not be wrapped. */
export function reveal(value: string | Secret): string {
  return isSecret(value) ? value.reveal() : value
}

/** A URL (or what looks like one) without its user and password. */
export function withoutUserinfo(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed?.host) return url.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]+).*@|^\S*@/is, '$1')
  if (!parsed.username && !parsed.password) return url
  parsed.username = parsed.password = ''
  return parsed.href
}
