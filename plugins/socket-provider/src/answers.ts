import type { Problem } from '@uptimeserver/core'

/** The version of the protocol. It grows when something that was there changes its meaning. */
const VERSION = 1
const MOST_PROBLEMS = 20

/** What a request comes to. */
export interface Answer {
  /** One line of JSON; or, where it has to wait for the disk, what makes it once that is known. */
  readonly reply: string | ((trouble: string | undefined) => string)
  /** Settles when what was changed is on disk: with the reason, if that failed. Never rejects. */
  readonly kept?: Promise<string | undefined> | undefined
}

export function consent(fields: object): string {
  return JSON.stringify({ version: VERSION, ok: true, ...fields })
}

/** Told once it is on disk. What could not be written holds nevertheless, until this process ends. */
export function consentOnceKept(fields: object, kept: Promise<string | undefined>): Answer {
  return {
    kept,
    reply: (trouble) => consent(trouble === undefined ? fields : { ...fields, kept: false, why: trouble }),
  }
}

export function refusal(...problems: readonly Problem[]): string {
  const more = problems.length - MOST_PROBLEMS
  return JSON.stringify({
    version: VERSION,
    ok: false,
    problems: problems.slice(0, MOST_PROBLEMS),
    ...(more > 0 ? { more } : {}),
  })
}
