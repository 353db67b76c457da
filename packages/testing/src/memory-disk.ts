import type { Disk } from '@uptimeserver/core'

/** A disk that forgets with its process, and goes wrong as told. */
export interface MemoryDisk extends Disk {
  /** Name → what it holds. */
  readonly files: Map<string, string>
  /** Every write fails from now on; `undefined`: none does. */
  broken: string | undefined
}

/**
 * @example
 * const disk = memoryDisk()
 * disk.broken = 'no space left on device'
 */
export function memoryDisk(): MemoryDisk {
  const files = new Map<string, string>()
  const insist = () => {
    if (disk.broken) throw new Error(disk.broken)
  }
  const disk: MemoryDisk = {
    files,
    broken: undefined,
    list: async () => [...files.keys()].map((name) => ({ name, ageMs: 0 })),
    read: async (name) => new TextEncoder().encode(files.get(name)),
    async append(name, text) {
      insist()
      const before = files.get(name)
      if (before === undefined) throw new Error(`there is no file ${name}`)
      files.set(name, before + text)
    },
    async replace(name, content) {
      insist()
      files.set(name, typeof content === 'string' ? content : new TextDecoder().decode(content))
    },
    async remove(name) {
      files.delete(name)
    },
  }
  return disk
}
