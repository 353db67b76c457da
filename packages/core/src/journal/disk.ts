import { constants } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile, syncFolder, writeFile } from '../kit/durable.js'

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
    await this.#make()
    await writeFile(this.#path(name), text, constants.O_APPEND)
  }

  async replace(name: string, content: string | Uint8Array): Promise<void> {
    await this.#make()
    await replaceFile(this.#path(name), content)
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true })
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
  const isNew = await mkdir(folder, { recursive: true, mode: OWNER_ONLY })
  if (isNew) await syncFolder(dirname(folder))
  // One that is there already, or was made under another mask.
  if (process.platform !== 'win32' && (await stat(folder)).mode & 0o077) await chmod(folder, OWNER_ONLY)
}

function nothingThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
