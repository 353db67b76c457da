import { cpSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

interface Pattern {
  readonly isAgainst: boolean
  readonly text: string
  readonly regex: RegExp
}

/** Copies what Docker would be sent: a folder without what its `.dockerignore` leaves out. */
export function copyContext(from: string, to: string): void {
  const patterns = patternsIn(readFileSync(join(from, '.dockerignore'), 'utf8'))
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter(source) {
      const path = relative(from, source)
      return (
        path === '' || isKept(path, patterns) || (statSync(source).isDirectory() && leads(path, patterns))
      )
    },
  })
}

/** https://docs.docker.com/build/concepts/context/#dockerignore-files: the last pattern that fits decides. */
export function patternsIn(text: string): Pattern[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const glob = line.replace(/^!/, '')
      const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&')
      const regex = escaped.replace(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'))
      return { isAgainst: line.startsWith('!'), text: glob, regex: new RegExp(`^${regex}(?:/|$)`) }
    })
}

export function isKept(path: string, patterns: readonly Pattern[]): boolean {
  return patterns.findLast(({ regex }) => regex.test(path))?.isAgainst ?? true
}

/** Whether something below a folder that is left out itself may be kept. */
function leads(path: string, patterns: readonly Pattern[]): boolean {
  return patterns.some(({ isAgainst, text }) => isAgainst && text.startsWith(`${path}/`))
}
