import type { Candidate } from './complete.js'

/** A word of a line: as it was typed, and as the shell would hand it over. */
interface Word {
  readonly typed: string
  readonly value: string
}

/** One piece of a word: quoted, escaped or plain; a quote may still be open. */
const PIECE = /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.?)|([^\s'"\\]+)/gsy

/** The words of a line up to the cursor, the program's name among them. The last one may be empty. */
export function wordsIn(line: string): readonly Word[] {
  const words: Word[] = []
  let at = line.search(/\S|$/)
  while (at < line.length) {
    const word = readWord(line, at)
    words.push(word)
    const next = at + word.typed.length
    const gap = /^\s*/.exec(line.slice(next))![0].length
    at = next + gap
    if (at >= line.length && gap) words.push({ typed: '', value: '' })
  }
  return words
}

function readWord(line: string, start: number): Word {
  let value = ''
  PIECE.lastIndex = start
  let end = start
  for (let piece = PIECE.exec(line); piece; piece = PIECE.exec(line)) {
    const [, single, double, escaped, plain] = piece
    value += single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? ''
    end = PIECE.lastIndex
  }
  return { typed: line.slice(start, end), value }
}

/**
 * Lines for bash, which also parts words at = and : and puts in what it is told in place of the last part alone.
 *
 * @param part that part as bash sees it, maybe with what stands behind the cursor
 */
export function forBash(word: Word, part: string, candidates: readonly Candidate[]): string[] {
  const typed = overlap(word.typed, /^[=:]+$/.test(part) ? '' : part)
  const [kept] = wordsIn(word.typed.slice(0, word.typed.length - typed.length))
  const start = kept?.value.length ?? 0
  const isQuoted = /^['"]/.test(typed)
  return candidates.map(({ value }) => {
    const rest = value.slice(start)
    return isQuoted ? rest : rest.replace(/[^\w@%+=:,./~^-]/gu, '\\$&')
  })
}

/** The longest end of the one text that the other begins with. */
function overlap(text: string, part: string): string {
  for (let length = Math.min(text.length, part.length); length > 0; length--)
    if (text.endsWith(part.slice(0, length))) return part.slice(0, length)
  return ''
}
