/** A stretch of time, in ms since the epoch, half-open. */
export interface Stretch {
  readonly from: number
  readonly until: number
}
