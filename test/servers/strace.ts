import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hasOrInstalls, Unavailable } from './tools.js'

/** System calls of a process that fail from now on, until this is disposed of. */
export async function failing(
  pid: number,
  calls: readonly string[],
  error: string,
): Promise<AsyncDisposable> {
  if (!(await hasOrInstalls('strace', ['strace'], '-V')))
    throw new Unavailable('strace is missing', 'apt-get install strace')
  const faults = calls.flatMap((call) => ['-e', `inject=${call}:error=${error}`])
  const args = ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, ...faults, '-p', String(pid)]
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  let said = ''
  const isAttached = new Promise<boolean>((resolve) => {
    child.stderr.on('data', (chunk) => {
      said += chunk
      if (/attached/.test(said)) resolve(true)
    })
  })
  if (!(await Promise.race([isAttached, ended.then(() => false)])))
    throw new Unavailable(
      `strace may not look at a process: ${said.trim()}`,
      'run as root, or sysctl kernel.yama.ptrace_scope=0',
    )
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await ended
    },
  }
}
