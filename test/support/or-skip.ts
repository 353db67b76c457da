import { Unavailable } from '../servers/tools.js'

/** What cannot be had on this machine is said at the end of the run. */
export async function orSkip<T>(work: Promise<T>, skip: (why: string) => never): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Unavailable) skip(error.message)
    throw error
  }
}
