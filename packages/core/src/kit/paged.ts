/** So much of what is read as comes at once, and how to go on. No `next`: it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: (() => Promise<Page<Item>>) | undefined
}

/**
 * Every item of what is read page by page; the next page is asked for while this one is consumed. Written out instead of as
 * an async generator, which costs three turns of the loop for each item where this costs one.
 */
export class Paged<Item> implements AsyncIterableIterator<Item> {
  #items: readonly Item[] = []
  #at = 0
  #next: Promise<Page<Item>> | undefined
  readonly #close: (() => Promise<void>) | undefined

  /** @param close lets go of what is read from when somebody stops before the end */
  constructor(first: () => Promise<Page<Item>>, close?: () => Promise<void>) {
    this.#next = ahead(first())
    this.#close = close
  }

  next(): Promise<IteratorResult<Item>> {
    if (this.#at < this.#items.length)
      return Promise.resolve({ done: false, value: this.#items[this.#at++]! })
    return this.#turn()
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#items = []
    this.#next = undefined
    await this.#close?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #turn(): Promise<IteratorResult<Item>> {
    const coming = this.#next
    this.#next = undefined
    if (!coming) return { done: true, value: undefined }
    const { items, next } = await coming
    this.#items = items
    this.#at = 0
    if (next) this.#next = ahead(next())
    return this.next()
  }
}

/** Whoever stops before this page never hears that it failed. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
