const DEEPEST = 20

/**
 * What a database gives, as what JSON can hold: numbers as numbers, times as ISO 8601, ids as texts.
 *
 * @throws when there is something else in it, with its path
 */
export function dataOf(value: unknown, keys: readonly string[] = []): unknown {
  if (keys.length > DEEPEST)
    throw new Error(`${keys.slice(0, 3).join('.')}: it goes deeper than ${DEEPEST} levels`)
  if (typeof value === 'object' && value !== null) return objectOf(value, keys)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'function' || typeof value === 'symbol' || Number.isNaN(value) || isInfinite(value))
    throw refused(keys, typeof value === 'number' ? String(value) : `a ${typeof value}`)
  return value
}

const isInfinite = (value: unknown) =>
  value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY

function objectOf(value: object, keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => dataOf(item, [...keys, String(index)]))
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  const read = BSON[(value as { _bsontype?: string })._bsontype ?? '']
  if (read) return dataOf(read(value), keys)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw refused(keys, `an object of ${value.constructor?.name ?? 'a class'}`)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dataOf(item, [...keys, key])]))
}

/** What MongoDB's driver leaves as objects: https://www.mongodb.com/docs/manual/reference/bson-types/ */
const BSON: Readonly<Record<string, (value: object) => unknown>> = {
  ObjectId: String,
  Decimal128: Number,
  Double: Number,
  Int32: Number,
  Long: (value) => BigInt(String(value)),
}

function refused(keys: readonly string[], found: string): Error {
  return new Error(`${keys.length ? `${keys.join('.')}: ` : ''}found ${found}, expected what JSON can hold`)
}
