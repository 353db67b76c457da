import { clean } from '@uptimeserver/core'
import type { Command } from 'commander'
import { forBash, wordsIn } from '../completion/bash-line.js'
import { complete } from '../completion/complete.js'
import { namesFrom } from '../completion/names.js'
import { END, SCRIPTS, type Shell } from '../completion/scripts.js'

/** `uptime completion`: the script that a shell reads. */
export function completion(shell: Shell): void {
  process.stdout.write(SCRIPTS[shell])
}

/**
 * What such a script asks: candidates, a line each, and a last line that says what they are.
 *
 * @param form `bash`: the line up to the cursor and its last part; `words`: the words behind the program's name
 */
export async function completeWords(program: Command, form: string, texts: readonly string[]): Promise<void> {
  const isBash = form === 'bash'
  const [line = '', part = ''] = texts
  const words = isBash ? wordsIn(line).slice(1) : texts.map((value) => ({ typed: value, value }))
  const values = words.map(({ value }) => value)
  const found = await complete(program, values, namesFrom)
  if (found === 'files') return print([END.files])
  const tidy = found.map(({ value, about }) => ({ value: clean(value), about: clean(about) }))
  const word = words.at(-1) ?? { typed: '', value: '' }
  const lines = isBash ? forBash(word, part, tidy) : tidy.map(({ value, about }) => `${value}\t${about}`)
  print([...lines, END.words])
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
