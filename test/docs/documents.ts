import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface Snippet {
  /** `README.md:40`. */
  readonly where: string
  readonly language: string
  readonly text: string
  /** What its first line says it is: `uptime.config.ts`, `tcp.test.ts`. */
  readonly file: string | undefined
}

const folders = ['packages', 'plugins', 'examples']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
  .flatMap((folder) => [folder, join(folder, 'docs')])
  .filter((folder) => existsSync(join(root, folder)))

/** Every page that people read, by its path from the root. */
export const documents: ReadonlyMap<string, string> = new Map(
  ['.', 'docker', 'docs/guide', 'test/bench', ...folders].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => [join(folder, name), readFileSync(join(root, folder, name), 'utf8')]),
  ),
)

/** The code blocks of these languages. */
export function snippets(...languages: readonly string[]): Snippet[] {
  return [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
      .filter(([, language]) => languages.includes(language!))
      .map((match) => ({
        where: `${path}:${text.slice(0, match.index).split('\n').length}`,
        language: match[1]!,
        text: match[2]!,
        file: /^(?:\/\/|#) (\S+\.(?:ts|mjs|yaml|toml))$/m.exec(match[2]!.split('\n')[0]!)?.[1],
      })),
  )
}
