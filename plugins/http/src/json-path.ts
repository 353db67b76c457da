import { createRequire } from 'node:module'

type Library = typeof import('jsonpath-rfc9535')

/** Loaded when a config asks for it: it costs some 35 ms. */
let library: Library | undefined

function load(): Library {
  library ??= createRequire(import.meta.url)('jsonpath-rfc9535') as Library
  return library
}

/** Whether a text is a JSONPath query (RFC 9535). */
export function isQuery(text: unknown): boolean {
  try {
    return typeof text === 'string' && Array.isArray(load().query(null, text))
  } catch {
    return false
  }
}

/** Everything that a query finds. */
export function query(document: unknown, path: string): unknown[] {
  return load().query(document as never, path) as unknown[]
}
