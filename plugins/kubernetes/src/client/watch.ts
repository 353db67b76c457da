import type { IncomingMessage } from 'node:http'
import { addAbortSignal } from 'node:stream'
import type { Cluster } from './cluster.js'
import { ApiError } from './problems.js'

/** An object may be this long, in characters; etcd takes none beyond 1.5 MiB. */
const LONGEST = 8 * 1_048_576

/** What all objects have: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export interface KubernetesObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly creationTimestamp: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject }

interface Status {
  readonly code?: number
  readonly message?: string
}

/**
 * Begins to watch what happens to the objects of a kind after a version.
 *
 * @param seconds after these the server shall end it
 */
export function openWatch(
  cluster: Cluster,
  path: string,
  query: Readonly<Record<string, string>>,
  seconds: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const asked = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds), ...query }
  return cluster.open(`${path}?${new URLSearchParams(asked)}`, signal)
}

/**
 * What happens, until the server ends it.
 *
 * @throws ApiError 410 when the server no longer knows the version
 */
export async function* eventsOf<T>(
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  addAbortSignal(signal, response)
  try {
    for await (const line of linesOf(response)) yield eventIn<T>(line)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    response.destroy()
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop()!
    if (rest.length > LONGEST) throw new Error('the watch sends a line without an end')
    for (const line of lines) if (line) yield line
  }
}

/** An expired version comes as an event, too, because the status of the answer was sent long before. */
function eventIn<T>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status }
  if (event.type !== 'ERROR') return event
  const { code = 500, message = 'the watch failed' } = event.object
  throw new ApiError(code, message, line)
}
