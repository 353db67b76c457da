import { lstat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { type Clock, within } from '@uptimeserver/core'
import { failed } from './folder.js'

/** How long another process may take to say who it is, in ms. */
const PATIENCE = 1_000
const LONGEST_ANSWER = 65_536

/**
 * Makes sure that a path is free for a socket: nothing is there, or a socket that nobody listens at any more.
 *
 * @throws UptimeError `PROVIDER_FAILED` saying who is there
 */
export async function ensureFree(path: string, clock: Clock): Promise<void> {
  const found = await lstat(path).catch(ifThere)
  if (!found) return
  if (!found.isSocket()) throw failed(`${path} is there and no socket; name another path, or take it away`)
  const holder = await holderOf(path, clock)
  if (holder === undefined) return
  throw failed(
    `${path} is held by ${holder.said}; one socket is for one provider: end that one, or name another path`,
  )
}

export function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Who listens at a path. */
export interface Holder {
  /** In words. */
  readonly said: string
  /** Whether it is another process with a socket-provider; `undefined`: it does not answer. */
  readonly isMonitor: boolean | undefined
}

/** Who listens; `undefined`: nobody. */
export async function holderOf(path: string, clock: Clock): Promise<Holder | undefined> {
  const socket = connect(path)
  try {
    const said = await within(clock, ask(socket), PATIENCE)
    return said === undefined
      ? { said: 'a process that does not say which it is', isMonitor: undefined }
      : whoSays(said)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined
    return { said: `a process that cannot be asked (${code})`, isMonitor: undefined }
  } finally {
    socket.destroy()
  }
}

function ask(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    socket.setEncoding('utf8').on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\n') || answer.length > LONGEST_ANSWER) resolve(answer)
    })
    socket.write('{"op":"ping"}\n')
  })
}

function whoSays(answer: string): Holder {
  try {
    const { pid } = JSON.parse(answer) as { pid?: unknown }
    if (pid === process.pid) return { said: 'this very process', isMonitor: false }
    if (Number.isInteger(pid)) return { said: `process ${pid}`, isMonitor: true }
  } catch {
    // What speaks otherwise is somebody else's.
  }
  return { said: 'a process that speaks otherwise', isMonitor: false }
}
