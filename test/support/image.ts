import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { command } from '../servers/tools.js'
import { copyContext } from './docker-context.js'
import { type Instruction, lastOf, parseDockerfile, type Stage } from './dockerfile.js'

const ROOT = join(import.meta.dirname, '../..')

/** The Dockerfile of this repository. */
export function ownDockerfile(): Stage[] {
  return parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
}

/**
 * Does what `docker build` would, but for the base: copies the context, runs the commands of the build stage, each on folders of
 * its own in place of those it names, and gives the files that the final stage takes.
 *
 * @param place an empty folder
 * @param env for the commands
 * @returns the folder that is the final stage's root
 */
export async function stageImage(place: string, env: NodeJS.ProcessEnv): Promise<string> {
  const [build, final] = ownDockerfile() as [Stage, Stage]
  const [context, workshop, root] = ['context', 'build', 'root'].map((name) => join(place, name))
  copyContext(ROOT, context!)
  const home = lastOf(build, 'WORKDIR')!.text
  mkdirSync(join(workshop!, home), { recursive: true })
  for (const instruction of build.instructions) {
    if (instruction.name === 'COPY') copy(instruction, context!, join(workshop!, home))
    if (instruction.name === 'RUN') await run(instruction.text, workshop!, home, env)
  }
  for (const instruction of final.instructions)
    if (instruction.name === 'COPY') copy(instruction, workshop!, root!)
  return root!
}

/** A target that ends with a slash is a folder; a folder is copied as what is in it. */
function copy({ words }: Instruction, from: string, to: string): void {
  const target = words.at(-1)!
  for (const source of words.slice(0, -1)) {
    const isFolder = !/\.\w+$/.test(source)
    const path = join(to, target, isFolder ? '' : source.slice(source.lastIndexOf('/') + 1))
    mkdirSync(dirname(path), { recursive: true })
    cpSync(join(from, source), path, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  }
}

async function run(text: string, workshop: string, home: string, env: NodeJS.ProcessEnv): Promise<void> {
  const moved = text.replace(/(?<=^|[\s"'=])\/(?=(?:app|data|src)(?:[/\s]|$))/g, `${workshop}/`)
  await command('sh', ['-ec', moved], { cwd: join(workshop, home), env })
}
