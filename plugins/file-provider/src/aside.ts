import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Job, Parsed } from './parse/job.js'
import { parse } from './parse/parse.js'

/** What is longer, in characters, would keep all checks waiting. */
const LONGEST_INLINE = 32_768
/** What a text may take, in ms and in MiB. */
const PATIENCE = 60_000
const MEMORY = 2_048

/** Reads a text as {@link parse} does, a long one in a thread of its own. @throws the signal's reason */
export async function parseAside(job: Job, signal: AbortSignal): Promise<Parsed> {
  if (job.text.length <= LONGEST_INLINE) return parse(job)
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: job,
    name: 'file-provider',
    // The application's own flags (loaders, --eval and the like) are no concern of this thread.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  })
  const late = AbortSignal.timeout(PATIENCE)
  try {
    const [parsed] = (await once(worker, 'message', { signal: AbortSignal.any([signal, late]) })) as [Parsed]
    return parsed
  } catch (error) {
    signal.throwIfAborted()
    const reason = late.aborted
      ? `reading it took more than ${PATIENCE / 1_000}s`
      : `it cannot be read (${error})`
    return { fault: { reason } }
  } finally {
    await worker.terminate()
  }
}
