import { type Page, Paged } from '@uptimeserver/core/kit'
import type { FindCursor } from 'mongodb'

/** What a cursor holds, a batch at a time. Nothing is asked before the first. */
export interface Batches<Item> {
  /** `undefined`: there are no more. */
  next(): Promise<readonly Item[] | undefined>
  close(): Promise<void>
}

export function batches<Document, Item>(
  cursor: FindCursor<Document>,
  itemsOf: (documents: readonly Document[]) => readonly Item[],
): Batches<Item> {
  return {
    next: async () => ((await cursor.hasNext()) ? itemsOf(cursor.readBufferedDocuments()) : undefined),
    close: () => cursor.close(),
  }
}

/**
 * Everything that some cursors hold, one after the other.
 *
 * @param open gives them, when the first is asked for
 * @param guard puts errors into words
 */
export function readAll<Item>(
  open: () => Promise<readonly Batches<Item>[]>,
  guard: <T>(work: () => Promise<T>) => Promise<T>,
): Paged<Item> {
  let left: Batches<Item>[] = []
  const page = async (): Promise<Page<Item>> => {
    const [cursor] = left
    if (!cursor) return { items: [] }
    const items = await guard(() => cursor.next())
    if (items) return { items, next: page }
    left.shift()
    return page()
  }
  const first = async () => {
    left = [...(await guard(open))]
    return page()
  }
  return new Paged(first, async () => {
    await Promise.all(left.map((cursor) => cursor.close().catch(() => undefined)))
  })
}
