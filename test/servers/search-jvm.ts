import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRoot, NOBODY, type SearchPlace } from './search-place.js'
import type { SearchServer } from './search-server.js'

const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']

/** Less memory and half the time to start; and what both servers want. */
const OPTIONS = [
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Xms128m', '-Xmx256m', '-Xss1m'],
  ...['-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true', '-Dfile.encoding=UTF-8'],
  ...['-Djava.security.manager=allow', '-Djava.locale.providers=SPI,COMPAT', '-Djna.nosys=true'],
  ...['-Dio.netty.noUnsafe=true', '-Dio.netty.noKeySetOptimization=true'],
  ...['-Dio.netty.recycler.maxCapacityPerThread=0', '-Dlog4j.shutdownHookEnabled=false'],
  ...['-Dlog4j2.disable.jmx=true', '-Dlog4j2.formatMsgNoLookups=true'],
]

/** Classes as Java has parsed them before, which saves a third of the time to start. */
const CLASSES = 'classes.jsa'

export interface JvmOptions {
  /** Of the JDK. */
  readonly home: string
  readonly args: readonly string[]
  /** The file that it reads. */
  readonly input?: string
  /** Where it leaves its parsed classes. */
  readonly classes?: string | undefined
}

/** How to start Java. Each program becomes the next, so that the pid is that of Java. */
export function jvm(place: SearchPlace, { home, args, input = '/dev/null', classes }: JvmOptions) {
  const java = [join(home, 'bin', 'java'), ...OPTIONS, ...sharing(place, classes)]
  const line = [...(isRoot ? AS_NOBODY : []), ...java, `-Djava.io.tmpdir=${place.temporary}`, ...args]
  return {
    command: 'sh',
    args: ['-c', 'input=$1; shift; exec "$@" <"$input"', 'sh', input, ...line],
    // Parsed classes are taken only for the same path, so that is a relative one.
    cwd: place.program,
    env: {
      ...{ JAVA_TOOL_OPTIONS: undefined, _JAVA_OPTIONS: undefined, JDK_JAVA_OPTIONS: undefined },
      // For the code that it makes to call C functions.
      LIBFFI_TMPDIR: place.temporary,
    },
  }
}

function sharing(place: SearchPlace, classes: string | undefined): readonly string[] {
  if (classes !== undefined) return [`-XX:ArchiveClassesAtExit=${classes}`]
  return existsSync(join(place.program, CLASSES)) ? [`-XX:SharedArchiveFile=${CLASSES}`] : []
}

/** Runs a server once for the classes that it parses, and keeps them with its program. */
export async function keepClasses(
  program: string,
  start: (classes: string) => Promise<SearchServer>,
): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'uptime-classes-'))
  chmodSync(temporary, 0o777)
  try {
    const classes = join(temporary, CLASSES)
    const server = await start(classes)
    await server.stop()
    await server[Symbol.asyncDispose]()
    // On a machine that is very slow it may have been killed before.
    if (existsSync(classes)) copyFileSync(classes, join(program, CLASSES))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
