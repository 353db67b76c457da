import type { Address } from './names.js'

/** What an exchange waits for now: told when the deadline comes, so put into words only then. */
export type Phase =
  | string
  | { readonly resolving: string }
  | { readonly connecting: readonly Address[]; readonly port: number }
  | { readonly bytes: number }

/** How far an exchange came, and how long each part took. */
export class Progress {
  phase: Phase = 'starting'
  /** The status of the last response, as soon as it is known. */
  status: number | undefined
  redirects = 0
  readonly started = performance.now()
  readonly timings: Timings = {}
  #last = this.started

  /** A part begins; what was before it is nobody's. */
  mark(): void {
    this.#last = performance.now()
  }

  /** A part is over. */
  lap(part: keyof Timings): void {
    const now = performance.now()
    this.timings[part] = Math.round(((this.timings[part] ?? 0) + now - this.#last) * 10) / 10
    this.#last = now
  }

  /** Since the beginning, in ms. */
  get elapsed(): number {
    return performance.now() - this.started
  }

  /** What was going on, to go behind "timeout after 2s while". */
  describe(): string {
    const { phase } = this
    if (typeof phase === 'string') return phase
    if ('resolving' in phase) return `resolving ${phase.resolving}`
    if ('bytes' in phase) return `reading the body (${phase.bytes} bytes so far)`
    const [first, ...others] = phase.connecting
    const more = others.length ? ` and ${others.length} more` : ''
    return `connecting to ${first?.family === 6 ? `[${first.address}]` : first?.address}:${phase.port}${more}`
  }
}

/** Milliseconds spent in each part, added up over redirects. Absent: there was no such part. */
export interface Timings {
  dnsMs?: number
  connectMs?: number
  tlsMs?: number
  /** From the request to the first byte of the response. */
  firstByteMs?: number
  bodyMs?: number
}
