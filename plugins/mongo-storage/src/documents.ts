/** The documents, as they lie in the database. Each belongs to a monitor, and its `_id` begins with that. */
interface Owned {
  readonly _id: string
  readonly monitor: string
}

/** One batch of facts. The truth; the views can be made of it. */
export interface LogDocument extends Owned {
  readonly seq: number
  readonly term: number
  /** The facts' ids: a unique index over them refuses what is known. */
  readonly ids: readonly string[]
  /** When the last of its facts became known. */
  readonly until: Date
  /** The facts as JSON, as they were stated. */
  readonly facts: string
  /** {@link Meaning} as a JSON list of pairs, where there is anything to say. */
  readonly meaning?: string
}

/**
 * What facts meant when they were taken, where that is not what they say: fact → the downtime or gap that it concerns,
 * `null` for none. With it an entry has the same effect however often and however late it is applied.
 */
export type Meaning = ReadonlyMap<string, string | null>

export interface ServiceDocument extends Owned {
  readonly service: string
  readonly kind: string
  readonly name: string
  readonly category?: string
  readonly labels?: readonly { readonly name: string; readonly value: string }[]
  readonly objective?: number
  readonly sources: readonly string[]
  /** The entry that its description is from. */
  readonly order: number
  /** Whether it is under watch. */
  readonly open: boolean
  readonly since: Date
  readonly monitored: readonly { readonly start: Date; readonly end: Date | null }[]
}

export interface SpanDocument extends Owned {
  readonly id: string
  readonly service: string
  readonly start: Date
  readonly end: Date | null
  /** There while it goes on: one of a service at most, by a unique index. */
  readonly open?: true
  readonly reason: string
}

export interface DowntimeDocument extends SpanDocument {
  /** JSON. */
  readonly detail?: string
  /** Ids of those that were stated while it was open, and are this one. */
  readonly also?: readonly string[]
  readonly corrections?: readonly CorrectionDocument[]
}

export interface CorrectionDocument {
  readonly id: string
  readonly at: Date
  readonly run?: string
  readonly exclude: boolean
  readonly reason: string
  readonly author: string
}

export type GapDocument = SpanDocument

export interface RunDocument extends Owned {
  readonly id: string
  readonly start: Date
  readonly end: Date
}

export interface MaintenanceDocument extends Owned {
  readonly window: string
  readonly services?: readonly string[]
  readonly start: Date
  readonly end: Date | null
  readonly reason: string
  readonly author?: string
  /** The entry that it is from. */
  readonly order: number
}

export interface SummaryDocument extends Owned {
  readonly key: string
  readonly version: number
  readonly asOf: number
  readonly at: Date
  /** JSON. */
  readonly body: string
}

export interface LiveDocument extends Owned {
  readonly key: string
  readonly at: Date
  /** JSON. */
  readonly body: string
}

export interface LeaseDocument extends Owned {
  readonly holder: string | null
  readonly term: number
  readonly acquired: Date
  readonly renewed: Date
  readonly duration: number
  /** Grows with every write. */
  readonly token: number
}

/**
 * `schema` says whose database this is; `views:<monitor>` how far the views of a monitor have come, `since:<monitor>` since when
 * there are facts of it.
 */
export interface MetaDocument {
  readonly _id: string
  readonly program?: string
  readonly version?: number
  /** The last entry that the views have. */
  readonly seq?: number
  /** Facts of before were forgotten. */
  readonly at?: Date
}

/** The `_id` of what belongs to a monitor. */
export function keyOf(monitor: string, ...parts: readonly (string | number)[]): string {
  return [encodeURIComponent(monitor), ...parts].join(':')
}
