import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '../src/index.js'

const root = join(import.meta.dirname, '../../..')

/** Every source file of every package. */
function sources(): string[] {
  return ['packages', 'plugins'].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) =>
      readdirSync(join(root, parent, name, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(root, parent, name, 'src', file), 'utf8')),
    ),
  )
}

test('every code of the table is used somewhere, and its README knows it', () => {
  const text = sources()
    .filter((source) => !source.includes('ERROR_CODES = {'))
    .join('\n')
  const readme = readFileSync(join(root, 'packages/core/README.md'), 'utf8')
  for (const code of Object.keys(ERROR_CODES)) {
    expect(text, `${code} is used by nobody`).toContain(`'${code}'`)
    expect(readme, `${code} is missing in packages/core/README.md`).toContain(`\`${code}\``)
  }
})
