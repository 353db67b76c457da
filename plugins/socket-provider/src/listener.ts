import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, lstat, rename, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { type Clock, sleep } from '@uptimeserver/core'
import { ensureFolder, failed, PRIVATE } from './folder.js'
import { ensureFree } from './holder.js'
import { LONGEST_PATH } from './options.js'

/** How often it is looked whether the socket is still where clients look for it, in ms. */
export const LOOK_EVERY = 1_000

/** Listens at a path until it is closed. */
export class Listener {
  readonly #path: string
  readonly #server: Server
  #inode = 0n

  private constructor(path: string, onSocket: (socket: Socket) => void) {
    this.#path = path
    this.#server = createServer({ allowHalfOpen: true }, onSocket)
  }

  /**
   * Takes a path over from a process that is dead, never from one that lives.
   *
   * @throws UptimeError `PROVIDER_FAILED`
   */
  static async open(path: string, clock: Clock, onSocket: (socket: Socket) => void): Promise<Listener> {
    await ensurePlace(path)
    await ensureFree(path, clock)
    const listener = new Listener(path, onSocket)
    await listener.#open()
    return listener
  }

  /** Bound under another name, so that it is closed without taking away what has come to stand at the path. */
  async #open(): Promise<void> {
    const made = `${this.#path}.${randomBytes(3).toString('base64url')}`
    this.#server.listen(made)
    await once(this.#server, 'listening').catch((cause) => {
      throw failed(`cannot listen at ${this.#path}: ${cause.message}`, cause)
    })
    // A connection that could not be taken, for want of files: others can, and it may come again.
    this.#server.on('error', () => undefined)
    try {
      await chmod(made, 0o600)
      this.#inode = await inodeOf(made)
      await rename(made, this.#path)
    } catch (error) {
      this.#server.close()
      throw error
    }
  }

  /** Fails when the socket is gone from its path, or another one is there: no client comes any more. Ends with its signal. */
  async watch(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(clock, LOOK_EVERY, signal)
      if (!signal.aborted && !(await this.#isThere())) throw failed(`somebody took away ${this.#path}`)
    }
  }

  /** Those who are connected stay so. */
  async close(): Promise<void> {
    this.#server.close()
    if (await this.#isThere()) await rm(this.#path, { force: true })
  }

  async #isThere(): Promise<boolean> {
    return (await inodeOf(this.#path).catch(() => undefined)) === this.#inode
  }
}

/** Makes sure that a socket can stand there, and that nobody else can put one there. @throws UptimeError `PROVIDER_FAILED` */
export async function ensurePlace(path: string): Promise<void> {
  if (process.platform === 'win32') throw failed('Windows has no such sockets; use file-provider there')
  const length = Buffer.byteLength(path)
  if (length > LONGEST_PATH)
    throw failed(
      `${path} has ${length} bytes, expected at most ${LONGEST_PATH}: name a shorter path, from the root on`,
    )
  await ensureFolder(dirname(path), PRIVATE)
}

async function inodeOf(path: string): Promise<bigint> {
  return (await lstat(path, { bigint: true })).ino
}
