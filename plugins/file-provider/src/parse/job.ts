/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type Format = 'yaml' | 'json' | 'toml'

/** A text to be read. It and what comes of it can be sent to another thread. */
export interface Job {
  readonly format: Format
  readonly text: string
  /** What is to be found in it: `services[2].expect.status`. Default: its entries. */
  readonly paths?: readonly string[] | undefined
}

export type Parsed =
  | { readonly data: unknown; readonly places: readonly Place[]; readonly fault?: undefined }
  | { readonly fault: Fault }

/** Something that is wrong with a file. */
export interface Fault {
  readonly reason: string
  /** Absent: with the file as a whole. */
  readonly place?: Place | undefined
}

export const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['.yaml', 'yaml'],
  ['.yml', 'yaml'],
  ['.json', 'json'],
  ['.toml', 'toml'],
])

/** Where the entries of a file stand: it is a list of them, or has one. */
export function entryPaths(data: unknown): string[] {
  if (Array.isArray(data)) return data.map((_, index) => `[${index}]`)
  const { services } = (data ?? {}) as { services?: unknown }
  return Array.isArray(services) ? services.map((_, index) => `services[${index}]`) : []
}
