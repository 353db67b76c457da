import { createRequire, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const files = createRequire(import.meta.url)('node:fs/promises')

/** Every change of a file or folder below `folder` is a write, as the file system sees them; what is written into a file comes in two halves. */
export function countJournal(folder, writes) {
  const isOurs = (path) => String(path).startsWith(folder)
  for (const name of ['mkdir', 'rename', 'rm', 'chmod']) {
    const change = files[name]
    files[name] = (path, ...rest) =>
      isOurs(path) ? writes.around(`journal ${name}`, () => change(path, ...rest)) : change(path, ...rest)
  }
  const openFile = files.open
  files.open = async (path, ...rest) => {
    if (!isOurs(path)) return openFile(path, ...rest)
    if (basename(path) === basename(folder)) return counted(await openFile(path, ...rest), writes)
    return counted(await writes.around('journal open', () => openFile(path, ...rest)), writes)
  }
  syncBuiltinESMExports()
}

function counted(file, writes) {
  for (const name of ['sync', 'datasync']) {
    const sync = file[name].bind(file)
    file[name] = () => writes.around(`journal ${name}`, sync)
  }
  const write = file.writeFile.bind(file)
  file.writeFile = async (content) => {
    const bytes = Buffer.from(content)
    const half = bytes.length >> 1
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)])
      await writes.around('journal write', () => write(part))
  }
  return file
}
