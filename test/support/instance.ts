import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Project, Running } from './uptime.js'

const BIN = join(import.meta.dirname, '../../packages/cli/dist/bin.js')

export interface InstanceOptions {
  readonly env?: NodeJS.ProcessEnv
  /** A command that runs another one, with its options. */
  readonly under?: readonly string[]
  readonly args?: readonly string[]
}

/** A monitor that tells every check, in its own surroundings. It ends when nobody reads what it says any more. */
export function startInstance(project: Project, options: InstanceOptions = {}): Running {
  const { env = {}, under = [], args = [] } = options
  const [command, ...rest] = [...under, process.execPath, BIN, 'run', '--log', 'json', '--verbose', ...args]
  const child = spawn(command!, rest, {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Running(child)
}
