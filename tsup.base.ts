import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

/**
 * How every package is built: ESM, with types, from `src/index.ts` and whatever else it names. The target is the
 * oldest Node we support.
 */
export const build = (options: Options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'node20',
    tsconfig: '../../tsconfig.build.json',
    // What `await using` needs, for those whose own settings do not have it.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    clean: true,
    sourcemap: true,
    // Otherwise `node:sqlite` would become `sqlite`, which is another module.
    removeNodeProtocol: false,
    ...options,
  })

export const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
