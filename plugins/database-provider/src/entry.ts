import { messageOf } from '@uptimeserver/core'
import { dataOf } from './data.js'
import type { Row } from './options.js'

/** An entry may be so long, as JSON. */
const LONGEST = 65_536

/**
 * The entry that a row is, as plain data without what is null.
 *
 * @param map the config's own way, if it has one
 * @throws in words, what is wrong with the row
 */
export function entryOf(row: Row, map: ((row: Row) => unknown) | undefined): unknown {
  const entry = dataOf(map ? mapped(row, map) : columnsOf(row))
  if (JSON.stringify(entry ?? null).length > LONGEST)
    throw new Error(`it is longer than ${LONGEST} characters as JSON`)
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))
}

/** A column says more than the same key in `options`. Every document has an `_id`, which is no option. */
function columnsOf({ options, _id, ...columns }: Row): Row {
  if (options === null || options === undefined) return columns
  if (typeof options !== 'object' || Array.isArray(options))
    throw new Error('options: expected an object (a column of type json or jsonb)')
  const own = Object.entries(columns).filter(([, value]) => value !== null && value !== undefined)
  return { ...options, ...Object.fromEntries(own) }
}

function mapped(row: Row, map: (row: Row) => unknown): unknown {
  const entry = called(row, map)
  if (!(entry instanceof Promise)) return entry
  // A rejection that nobody hears of ends the process.
  entry.catch(() => undefined)
  throw new Error(`the config's row() gave a promise, expected an entry`)
}

function called(row: Row, map: (row: Row) => unknown): unknown {
  try {
    return map(row)
  } catch (error) {
    throw new Error(`the config's row() failed: ${messageOf(error).slice(0, 300)}`)
  }
}
