import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where real servers are kept between runs, so that a second one is quick. */
export const CACHE = process.env.UPTIME_TEST_CACHE ?? join(homedir(), '.cache', 'uptimeserver-tests')

/**
 * A folder that was filled once: by whoever comes first, while the others wait. It is whole or not there; a change of
 * `name` (put versions into it) makes another one.
 */
export async function obtained(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name)
  const done = join(folder, '.complete')
  if (existsSync(done)) return folder
  await alone(name, async () => {
    if (existsSync(done)) return
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    await fill(folder)
    writeFileSync(done, '')
  })
  return folder
}

/** Does something that no two processes of this machine may do at once. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  let unlock = lock(join(CACHE, `${name}.lock`))
  for (; !unlock; unlock = lock(join(CACHE, `${name}.lock`))) await sleep(250)
  try {
    return await work()
  } finally {
    unlock()
  }
}

/** Takes a lock, also one whose holder is gone. `undefined` while somebody else holds it. */
function lock(path: string): (() => void) | undefined {
  mkdirSync(CACHE, { recursive: true })
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return () => rmSync(path, { force: true })
  } catch {
    if (isHeld(path)) return undefined
    rmSync(path, { force: true })
    return lock(path)
  }
}

function isHeld(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
