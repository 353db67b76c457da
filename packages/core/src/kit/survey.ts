import { raceSignal } from './race.js'

/** How several are asked, and when it is enough. */
export interface SurveyOptions<T> {
  /** What is found of each until it has answered. */
  readonly before: readonly T[]
  /** Asks the one at an index. */
  readonly ask: (index: number, signal: AbortSignal) => Promise<T>
  readonly isWell: (found: T) => boolean
  /** How many must do well. */
  readonly needed: number
  /** How long the others may take once so many do, in ms. */
  readonly grace: number
  readonly signal: AbortSignal
}

/** Asks several side by side. Those that hang hold nobody up once enough do well, nor longer than the signal. */
export async function survey<T>({
  before,
  ask,
  isWell,
  needed,
  grace,
  signal,
}: SurveyOptions<T>): Promise<T[]> {
  const found = [...before]
  // Where all are needed nobody is cut short, which is most of the time.
  const enough = needed < before.length ? new AbortController() : undefined
  const until = enough ? AbortSignal.any([signal, enough.signal]) : signal
  let left = needed
  const asking = found.map(async (_, index) => {
    const answer = await ask(index, until)
    if (until.aborted) return
    found[index] = answer
    if (isWell(answer) && --left === 0 && enough) setTimeout(() => enough.abort(), grace).unref()
  })
  await raceSignal(Promise.all(asking), until).catch(() => undefined)
  return found
}
