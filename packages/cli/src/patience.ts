import { formatDuration, systemClock, within } from '@uptimeserver/core'

/** How long the code of others may take to load or open, in ms. */
const PATIENCE = 10_000

/** What is waited for just now, the innermost last. */
const awaited: string[] = []

/** Waits, and remembers for what: {@link lastAwaited} is what to say when it never comes. */
export async function waitFor<T>(what: string, work: Promise<T>): Promise<T> {
  awaited.push(what)
  try {
    return await work
  } finally {
    awaited.splice(awaited.lastIndexOf(what), 1)
  }
}

export function lastAwaited(): string {
  return awaited.at(-1) ?? 'the command'
}

/** Waits for code that may never answer. @throws what `late` makes of the time it was given: `10s` */
export async function patiently<T>(
  work: Promise<T>,
  late: (time: string) => Error,
  patience = PATIENCE,
): Promise<T> {
  const box = work.then((value) => ({ value }))
  const settled = await within(systemClock, box, patience)
  if (settled) return settled.value
  throw late(formatDuration(patience))
}
