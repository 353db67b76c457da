import { createRequire } from 'node:module'
import { messageOf, UptimeError } from '@uptimeserver/core'

export type Value = string | number | null
export type Row = Record<string, Value>

export interface Statement {
  run(...values: Value[]): { readonly changes: number | bigint }
  get(...values: Value[]): Row | undefined
  all(...values: Value[]): Row[]
}

/** The part of `node:sqlite` that both drivers have. */
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

interface Driver {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => Database
}

/** Opens a file with the SQLite that Node brings (from 22.13), or with the package that has the same interface. */
export function openDatabase(path: string, readOnly: boolean): Database {
  const { DatabaseSync } = builtin() ?? installed()
  return new DatabaseSync(path, { readOnly })
}

function builtin(): Driver | undefined {
  return withoutWarnings(() => process.getBuiltinModule?.('node:sqlite') as unknown as Driver | undefined)
}

function installed(): Driver {
  try {
    return createRequire(import.meta.url)('@photostructure/sqlite') as Driver
  } catch (cause) {
    const mend = 'use Node 22.13 or later, or add the package @photostructure/sqlite'
    throw new UptimeError('STORAGE_DRIVER', `no SQLite driver: ${mend} (${messageOf(cause)})`, { cause })
  }
}

/** Node 22 warns that its SQLite is experimental. Nobody who runs a monitor can do anything about that. */
function withoutWarnings<T>(load: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
