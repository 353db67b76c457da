/**
 * JSON of whatever a plugin hands over, safe to print. What JSON does not know becomes text, and what cannot be read
 * says so, instead of taking the whole answer down.
 */
export function toJson(value: unknown, indent?: number): string {
  return escapeSteering(stringify(value, indent))
}

function stringify(value: unknown, indent: number | undefined): string {
  try {
    return JSON.stringify(value, null, indent)
  } catch {
    return JSON.stringify(readable(value, []), null, indent)
  }
}

function readable(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '(circular)'
  try {
    return members(value, [...above, value])
  } catch {
    return '(cannot be read)'
  }
}

function members(value: object, above: readonly object[]): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(item, above))
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return readable(toJSON.call(value), above)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item, above)]))
}

/** Escapes what JSON lets through although a terminal or an editor would obey it. */
export function escapeSteering(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
