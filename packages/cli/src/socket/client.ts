import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, type Problem, UptimeError } from '@uptimeserver/core'

/** How long a monitor may take to answer, in ms. */
const PATIENCE = 10_000
/** How long one that stands by may take to listen in the place of another, and how often it is looked whether it does, in ms. */
const TAKEOVER = 5_000
const AGAIN = 250

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

/** Asks again while nobody listens, for as long as another monitor may take to come. @throws like {@link ask} */
export async function askPatiently(path: string, request: object, patience = TAKEOVER): Promise<Reply> {
  const end = performance.now() + patience
  for (;;) {
    try {
      return await ask(path, request)
    } catch (error) {
      if (!isAbsent((error as UptimeError).cause) || performance.now() > end) throw error
    }
    await sleep(AGAIN)
  }
}

function isAbsent(cause: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes(String((cause as NodeJS.ErrnoException | undefined)?.code))
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
  if (isAbsent(error)) return 'nobody listens there; is the monitor running?'
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
