import type { Interval } from '@uptimeserver/core'
import type { AnyBulkWriteOperation } from 'mongodb'
import { type GapDocument, keyOf, type Meaning } from '../documents.js'

/** A span's times as the database has them. */
export function datesOf({ start, end }: Interval): { start: Date; end: Date | null } {
  return { start: new Date(start), end: end === null ? null : new Date(end) }
}

export function meaningOf(meaning: Meaning, fact: string, said: string): string | null {
  const meant = meaning.get(fact)
  return meant === undefined ? said : meant
}

/** What was opened by the same entry is made closed. */
export function close<Span extends GapDocument>(
  opened: Map<string, Span>,
  closed: Map<string, number>,
  id: string,
  end: number,
): void {
  const document = opened.get(id)
  if (!document) return void closed.set(id, end)
  const { open: _, ...rest } = document
  opened.set(id, { ...(rest as Span), end: new Date(end) })
}

export function closings<Span extends GapDocument>(
  monitor: string,
  closed: ReadonlyMap<string, number>,
): AnyBulkWriteOperation<Span>[] {
  return [...closed].map(([id, end]) => ({
    updateOne: {
      filter: { _id: keyOf(monitor, id), end: null },
      update: { $set: { end: new Date(end) }, $unset: { open: '' } },
    },
  })) as unknown as AnyBulkWriteOperation<Span>[]
}
