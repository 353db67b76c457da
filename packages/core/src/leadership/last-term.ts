import type { Reader } from '../contracts.js'

/** The term of the log's last entry; 0 where there is none. */
export async function lastTerm(reader: Reader): Promise<number> {
  const cursor = await reader.cursor()
  let term = 0
  for await (const entry of reader.changes(cursor - 1)) term = entry.term
  return term
}
