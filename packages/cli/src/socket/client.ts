import { connect } from 'node:net'
import { messageOf, type Problem, UptimeError } from '@uptimeserver/core'

/** How long a monitor may take to answer, in ms. */
const PATIENCE = 10_000

/** What a socket-provider answers; which further fields there are depends on what was asked. */
export type Reply = { readonly version: number } & (
  | (Readonly<Record<string, unknown>> & { readonly ok: true })
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly more?: number }
)

/** Asks the provider at a socket. @throws UptimeError `PROVIDER_FAILED` when nobody answers */
export async function ask(path: string, request: object): Promise<Reply> {
  const line = await exchange(path, `${JSON.stringify(request)}\n`).catch((error) => {
    throw new UptimeError('PROVIDER_FAILED', `${path}: ${whyNot(error)}`, { cause: error })
  })
  const reply = parse(line)
  if (!reply) throw new UptimeError('PROVIDER_FAILED', `${path}: ${STRANGER}`)
  return reply
}

const STRANGER = 'something else than a socket-provider of this version answers there'

function exchange(path: string, text: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path).setEncoding('utf8')
    signal.addEventListener('abort', () => socket.destroy(new Error(`no answer within ${PATIENCE / 1_000}s`)))
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\n')) socket.destroy()
    })
    // Whoever is refused may be hung up on while still writing; what was said before counts.
    socket.on('error', (error) => answer || reject(error)).on('close', () => resolve(answer))
    socket.write(text)
  })
}

function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return 'nobody listens there; is the monitor running?'
  if (error.code === 'EACCES') return 'only its owner may speak to it'
  return messageOf(error)
}

function parse(line: string): Reply | undefined {
  try {
    const reply = JSON.parse(line) as Reply
    return reply.version === 1 && typeof reply.ok === 'boolean' ? reply : undefined
  } catch {
    return undefined
  }
}
