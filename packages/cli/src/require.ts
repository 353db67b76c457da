import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Loads a CommonJS package as such. Imported, Node would first search its whole text for what it may export, which
 * costs more than running it.
 */
export function requireCommonJs<T>(name: string): T {
  return require(name) as T
}
