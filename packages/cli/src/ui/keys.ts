import { readFileSync } from 'node:fs'

const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'

/**
 * Listens to the keyboard while a live view is shown: Ctrl-C and q ask for the end. Read as keys they reach this
 * process alone; as a signal, Ctrl-C would also end the shell that npm and npx put in between, with an exit code that
 * looks like a failure. Returns what stops listening.
 */
export function listenToKeys(onQuit: () => void): () => void {
  const { stdin } = process
  if (!stdin.isTTY || !isInForeground()) return () => undefined
  const onData = (keys: string) => {
    for (const key of keys) {
      if (key === CTRL_C || key === 'q') onQuit()
      if (key === CTRL_Z) process.kill(process.pid, 'SIGTSTP')
    }
  }
  const raw = () => stdin.setRawMode(true)
  raw()
  process.on('SIGCONT', raw)
  stdin.setEncoding('utf8').on('data', onData).resume()
  return () => {
    process.off('SIGCONT', raw)
    stdin.off('data', onData).setRawMode(false).pause()
  }
}

/** A job in the background that touches the keyboard is stopped by the system, so it is left alone there. */
function isInForeground(): boolean {
  if (process.platform !== 'linux') return true
  try {
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return group === foreground
  } catch {
    return true
  }
}
