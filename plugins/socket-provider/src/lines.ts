const NEWLINE = 10
const FIRST_SIZE = 1_024

/** More than a line may hold came without an end. */
export class LineTooLong extends Error {}

/**
 * The lines of a stream of bytes, without their ends. What comes behind the last end is told by `onRest`.
 *
 * @param limit bytes of a line
 * @throws LineTooLong
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  onRest: () => void,
): AsyncGenerator<Uint8Array> {
  const line = new Growing(limit)
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      line.add(chunk.subarray(start, end))
      start = end + 1
      yield line.take()
    }
    line.add(chunk.subarray(start))
  }
  if (line.length) onRest()
}

/** Copied together: thousands of tiny chunks, kept as they are, would hold many times their bytes. */
class Growing {
  readonly #limit: number
  #bytes = new Uint8Array(FIRST_SIZE)
  length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length
    if (length > this.#limit) throw new LineTooLong()
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.set(chunk, this.length)
    this.length = length
  }

  take(): Uint8Array {
    const line = this.#bytes.slice(0, this.length)
    this.length = 0
    if (this.#bytes.length > FIRST_SIZE) this.#bytes = new Uint8Array(FIRST_SIZE)
    return line
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(least, this.#bytes.length * 2)))
    larger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = larger
  }
}
