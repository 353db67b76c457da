/** Pieces of work in one turn of the event loop. A piece is a request, or a part of a long one: some tenths of a ms. */
const PER_TURN = 16

/** Lets work go on piece by piece, so that however much there is, checks and timers come in between. First come, first served. */
export class Turns {
  #waiting: (() => void)[] = []
  #isSet = false

  /** Resolves when the next piece may be done. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#set()
    })
  }

  #set(): void {
    if (this.#isSet) return
    this.#isSet = true
    setImmediate(() => {
      this.#isSet = false
      for (const resolve of this.#waiting.splice(0, PER_TURN)) resolve()
      if (this.#waiting.length) this.#set()
    })
  }
}
