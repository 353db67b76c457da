import { constants } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A file, and how long ago it was written to, in ms. */
export interface DiskFile {
  readonly name: string
  readonly ageMs: number
}

/** Where journals are kept. What resolves is durable. */
export interface Disk {
  list(): Promise<readonly DiskFile[]>
  read(name: string): Promise<Uint8Array>
  /** To a file that is there. */
  append(name: string, text: string): Promise<void>
  /** Puts a file in place of another one, as a whole or not at all. */
  replace(name: string, content: string | Uint8Array): Promise<void>
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
  }

  async replace(name: string, content: string | Uint8Array): Promise<void> {
    const next = `${name}.next`
    try {
      await this.#write(next, content, constants.O_CREAT | constants.O_TRUNC)
      await rename(this.#path(next), this.#path(name))
      await sync(this.#folder)
    } catch (error) {
      await this.remove(next).catch(() => undefined)
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true })
  }

  async #write(name: string, content: string | Uint8Array, how: number): Promise<void> {
    await this.#make()
    const flags = constants.O_WRONLY | constants.O_NOFOLLOW | how
    const file = await open(this.#path(name), flags, PRIVATE)
    try {
      await file.writeFile(content)
      await file.datasync()
    } finally {
      await file.close()
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

/** Makes the names in a folder durable. */
async function sync(path: string): Promise<void> {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function makePrivate(folder: string): Promise<void> {
  const isNew = await mkdir(folder, { recursive: true, mode: OWNER_ONLY })
  if (isNew) await sync(dirname(folder))
  // One that is there already, or was made under another mask.
  if (process.platform !== 'win32' && (await stat(folder)).mode & 0o077) await chmod(folder, OWNER_ONLY)
}

function nothingThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
