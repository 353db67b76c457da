/**
 * The first text that comes after all that begin with a prefix, in an order by code points: so what begins with it is a range
 * from the prefix to here. `undefined` when nothing comes after.
 */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  // Half a character of two (a surrogate) is none.
  return last === undefined ? undefined : String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
