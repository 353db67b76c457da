import { afterAll, beforeAll, beforeEach } from 'vitest'
import { Unavailable } from './tools.js'

/** To obtain and start one: the first time it comes over a network, or is built from source. */
const PATIENCE = 15 * 60_000

/**
 * Starts a server before the tests of a file or of a `describe`, and ends it after them. Where it cannot be had on this machine
 * they are left out, and the end of the run says so.
 *
 * @example
 * const mongo = forAll(startMongo)
 * test('answers', () => ask(mongo().url))
 */
export function forAll<T extends AsyncDisposable>(start: () => Promise<T>): () => T {
  let server: T | undefined
  let why: string | undefined
  beforeAll(async () => {
    try {
      server = await start()
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      why = error.message
    }
  }, PATIENCE)
  beforeEach(({ skip }) => {
    if (why !== undefined) skip(why)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  return () => server!
}
