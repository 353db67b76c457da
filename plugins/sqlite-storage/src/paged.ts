import { type After, afterPage, type Page, type PageName } from './pages.js'

/**
 * Every row of a view, page by page; the next page is asked for while this one is consumed. Written out instead of as an
 * async generator, which costs three turns of the loop for each row where this costs one.
 */
export class Paged<Name extends PageName, Item = Page<Name>['items'][number]>
  implements AsyncIterableIterator<Item>
{
  readonly #name: Name
  readonly #read: (after: After | undefined) => Promise<string>
  #items: Item[] = []
  #at = 0
  #next: Promise<string> | undefined

  constructor(name: Name, read: (after: After | undefined) => Promise<string>) {
    this.#name = name
    this.#read = read
    this.#next = ahead(read(undefined))
  }

  next(): Promise<IteratorResult<Item>> {
    if (this.#at < this.#items.length)
      return Promise.resolve({ done: false, value: this.#items[this.#at++]! })
    return this.#turn()
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#items = []
    this.#next = undefined
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #turn(): Promise<IteratorResult<Item>> {
    const next = this.#next
    this.#next = undefined
    if (!next) return { done: true, value: undefined }
    this.#items = JSON.parse(await next)
    this.#at = 0
    const after = afterPage(this.#name, this.#items as Page<Name>['items'])
    if (after) this.#next = ahead(this.#read(after))
    return this.next()
  }
}

/** Whoever stops before this page never hears that it failed. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
