import type { Detail } from '../contracts.js'

/** Fails a check with what was found on the way. */
export class CheckFailed extends Error {
  readonly detail: Detail

  constructor(message: string, detail: Detail, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.detail = detail
  }
}
