import type { RecordedStatus, ServiceFacts } from '@uptimeserver/core'
import { toJson } from './json.js'
import { cleanLines } from './ui/clean.js'
import { colorsFor } from './ui/colors.js'

/** Times as they leave the program: ISO 8601 in UTC. */
export function iso(ms: number): string
export function iso(ms: number | null): string | null
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

export function printJson(value: unknown): void {
  process.stdout.write(`${toJson(value, 2)}\n`)
}

/** A word to a person, beside what the command prints. */
export function warn(message: string): void {
  process.stderr.write(`${colorsFor(process.stderr).yellow('warning')} ${cleanLines(message)}\n`)
}

/** What machines are told of a service; the shape is stable. */
export interface StatusJson {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly category: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly status: RecordedStatus['status']
  readonly since: string | null
  readonly lastCheck: string | null
  readonly latencyMs: number | null
  readonly message: string | null
  /** The agreed time that goes on. */
  readonly maintenance: { readonly id: string; readonly end: string | null; readonly reason: string } | null
}

type Shown = ServiceFacts &
  Pick<RecordedStatus, 'status' | 'since' | 'lastCheck' | 'latencyMs' | 'message' | 'maintenance'>

export function statusJson(service: Shown): StatusJson {
  const {
    id,
    kind,
    name,
    category = null,
    labels = {},
    status,
    since,
    lastCheck,
    latencyMs,
    message,
    maintenance,
  } = service
  return {
    id,
    kind,
    name,
    category,
    labels,
    status,
    since: iso(since),
    lastCheck: iso(lastCheck),
    latencyMs,
    message,
    maintenance: maintenance && {
      ...{ id: maintenance.window, end: iso(maintenance.end), reason: maintenance.reason },
    },
  }
}
