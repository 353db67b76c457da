import { dirname, isAbsolute, posix, resolve, sep } from 'node:path'
import { escapePath, type GlobOptions, glob, isDynamicPattern } from 'tinyglobby'

const IGNORED = ['**/node_modules/**', '**/.git/**']

/** A glob, as the folder that it begins in and what is looked for there. */
export class Pattern {
  /** Where it is known that something may be; it need not be there. */
  readonly base: string
  /** Whether it may stand for several files. */
  readonly isDynamic: boolean
  readonly #rest: readonly string[]
  readonly #ignore: readonly string[]

  /** @param exceptions globs of what is left out, relative to the same folder */
  constructor(pattern: string, cwd: string, exceptions: readonly string[] = []) {
    const parts = posix.normalize(pattern).split('/')
    const dynamic = parts.findIndex((part) => isDynamicPattern(part))
    const fixed = dynamic < 0 ? parts.length - 1 : dynamic
    this.isDynamic = dynamic >= 0
    this.base = resolve(cwd, `${parts.slice(0, fixed).map(plain).join(sep)}${fixed ? sep : ''}`)
    this.#rest = parts.slice(fixed)
    this.#ignore = [...IGNORED, ...exceptions.map((each) => within(cwd, each))]
  }

  /** The files that are there, by their absolute paths, in order. */
  async files(): Promise<string[]> {
    return (await this.#glob([this.#rest.join('/')], { onlyFiles: true })).sort()
  }

  /** The folders in which such a file may come to be. */
  async folders(): Promise<string[]> {
    const above = this.#rest.slice(0, -1)
    // What is split within braces is no glob; then it may be anywhere.
    const isWhole = above.every((part) => !/[{(][^})]*$|^[^{(]*[})]/.test(part))
    const globs = isWhole ? above.map((_, index) => above.slice(0, index + 1).join('/')) : ['**']
    const inside = globs.length ? await this.#glob(globs, { onlyDirectories: true }) : []
    return [dirname(this.base), this.base, ...inside]
  }

  async #glob(globs: readonly string[], options: GlobOptions): Promise<string[]> {
    const cwd = this.base
    const found = await glob(globs, { ...options, cwd, ignore: this.#ignore, expandDirectories: false })
    return found.map((each) => resolve(cwd, each))
  }
}

/** A part without what escapes it. */
function plain(part: string): string {
  return part.replace(/\\(?=[()[\]{}!*+?@|\\])/g, '')
}

function within(cwd: string, pattern: string): string {
  return isAbsolute(pattern) ? pattern : posix.join(escapePath(cwd.split(sep).join('/')), pattern)
}
