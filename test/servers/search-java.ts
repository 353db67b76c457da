import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { command, hasOrInstalls, Unavailable } from './tools.js'

const PACKAGE = 'openjdk-17-jdk-headless'
const JVMS = '/usr/lib/jvm'
/** Both need what later ones have lost: the security manager. */
const VERSIONS = [17, 21]
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack'

/** The home of a JDK that Elasticsearch and OpenSearch run on. */
export async function findJava(): Promise<string> {
  const home = installed()
  if (home) return home
  // What apt-get says when it has no such package helps nobody: the mend does.
  await hasOrInstalls(debians(), [PACKAGE], '-version').catch(() => false)
  const added = installed()
  if (added) return added
  throw new Unavailable(`JDK ${VERSIONS.join(' to ')} is missing`, `apt-get install ${PACKAGE}`)
}

function installed(): string | undefined {
  const { JAVA_HOME, PATH = '' } = process.env
  const onPath = PATH.split(':').map((folder) => join(folder, 'javac'))
  const found = onPath.filter((path) => existsSync(path)).map((path) => dirname(dirname(realpathSync(path))))
  const known = existsSync(JVMS) ? readdirSync(JVMS).map((name) => join(JVMS, name)) : []
  return [...(JAVA_HOME ? [JAVA_HOME] : []), ...found, ...known].find(isUsable)
}

/** A JDK says its version in a file, which is quicker than to start it. */
function isUsable(home: string): boolean {
  const [javac, release] = [join(home, 'bin', 'javac'), join(home, 'release')]
  if (!existsSync(javac) || !existsSync(release)) return false
  const version = Number(/JAVA_VERSION="(\d+)/.exec(readFileSync(release, 'utf8'))?.[1])
  return version >= VERSIONS[0]! && version <= VERSIONS[1]!
}

function debians(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  return join(JVMS, `java-17-openjdk-${architecture}`, 'bin', 'javac')
}

/** Gets zip files from Maven's repositories. Keeps all that it needs itself in a folder. */
export class Maven {
  readonly #folder: string
  readonly #java: string
  #unpacked = 0

  constructor(folder: string, java: string) {
    this.#folder = folder
    this.#java = java
  }

  async unpack(artifact: string, to: string): Promise<void> {
    if (!(await hasOrInstalls('mvn', ['maven'])))
      throw new Unavailable('Maven is missing', 'apt-get install maven')
    // It leaves marks where it runs, and does nothing where it finds its marks.
    const cwd = join(this.#folder, `unpack-${++this.#unpacked}`)
    mkdirSync(cwd)
    const repository = join(this.#folder, 'repository')
    await command(
      'mvn',
      [
        ...['-B', '-q', `-Dmaven.repo.local=${repository}`, UNPACK],
        ...[`-Dartifact=${artifact}`, `-DoutputDirectory=${to}`],
      ],
      { cwd, env: { ...process.env, JAVA_HOME: this.#java } },
    )
    // So that another user can run it.
    await command('chmod', ['-R', 'a+rX', to])
  }
}

/** A folder beside `folder` for what is needed only until that is filled. */
export async function withWork<T>(folder: string, run: (work: string) => Promise<T>): Promise<T> {
  const work = `${folder}.build`
  // One that was killed has left it.
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  try {
    return await run(work)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
