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
    `${path} is held by ${holder}; one socket is for one provider: end that one, or name another path`,
  )
}

export function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** In words, who listens; `undefined`: nobody. */
async function holderOf(path: string, clock: Clock): Promise<string | undefined> {
  const socket = connect(path)
  try {
    const said = await within(clock, ask(socket), PATIENCE)
    return said === undefined ? 'a process that does not say which it is' : whoSays(said)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined
    return `a process that cannot be asked (${code})`
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

function whoSays(answer: string): string {
  try {
    const { pid } = JSON.parse(answer) as { pid?: unknown }
    if (pid === process.pid) return 'this very process'
    if (Number.isInteger(pid)) return `process ${pid}`
  } catch {
    // What speaks otherwise is somebody else's.
  }
  return 'a process that speaks otherwise'
}
