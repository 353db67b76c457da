import { constants } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file, and how long ago it was written to, in ms. */
export interface DiskFile {
  readonly name: string
  readonly ageMs: number
}

/** Where journals are kept. What resolves is durable. */
export interface Disk {
  list(): Promise<readonly DiskFile[]>
  read(name: string): Promise<Uint8Array>
  append(name: string, text: string): Promise<void>
  /** Puts a file in place of another one, as a whole or not at all. */
  replace(name: string, text: string): Promise<void>
  rename(name: string, next: string): Promise<void>
  remove(name: string): Promise<void>
}

const OWNER_ONLY = 0o700
const PRIVATE = 0o600

/** A folder that only its owner can look into; made when it is first needed. */
export function folderDisk(folder: string): Disk {
  return new FolderDisk(folder)
}

class FolderDisk implements Disk {
  readonly #folder: string
  #made: Promise<void> | undefined
  /** Files whose names are known to be durable. */
  readonly #named = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async list(): Promise<readonly DiskFile[]> {
    const names = await readdir(this.#folder).catch(nothingThere)
    const found = names.map(async (name) => {
      const { mtimeMs } = await stat(this.#path(name))
      return { name, ageMs: Math.max(0, Date.now() - mtimeMs) }
    })
    const settled = await Promise.allSettled(found)
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  read(name: string): Promise<Uint8Array> {
    return readFile(this.#path(name))
  }

  async append(name: string, text: string): Promise<void> {
    await this.#write(name, text, constants.O_APPEND)
    if (this.#named.has(name)) return
    await this.#sync()
    this.#named.add(name)
  }

  async replace(name: string, text: string): Promise<void> {
    const next = `${name}.next`
    await this.#write(next, text, constants.O_TRUNC)
    await this.rename(next, name)
    this.#named.add(name)
  }

  async rename(name: string, next: string): Promise<void> {
    await rename(this.#path(name), this.#path(next))
    this.#named.delete(name)
    await this.#sync()
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true })
    this.#named.delete(name)
  }

  async #write(name: string, text: string, how: number): Promise<void> {
    await this.#make()
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | how
    const file = await open(this.#path(name), flags, PRIVATE)
    try {
      await file.writeFile(text)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  /** Makes the names of files durable. */
  async #sync(): Promise<void> {
    // Windows opens no folders, and needs no such thing.
    if (process.platform === 'win32') return
    const folder = await open(this.#folder, constants.O_RDONLY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  #make(): Promise<void> {
    this.#made ??= makePrivate(this.#folder).catch((error) => {
      this.#made = undefined
      throw error
    })
    return this.#made
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY })
  // One that is there already, or was made under another mask.
  if (process.platform !== 'win32' && (await stat(folder)).mode & 0o077) await chmod(folder, OWNER_ONLY)
}

function nothingThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
