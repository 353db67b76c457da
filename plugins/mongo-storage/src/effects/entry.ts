import type { Event } from '@uptimeserver/core'
import type { Meaning } from '../documents.js'

/** An entry, as far as its effect on the views depends on it. */
export interface Effective {
  readonly monitor: string
  readonly seq: number
  readonly events: readonly Event[]
  readonly meaning: Meaning
}

export type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

export function of<Type extends Event['type']>(
  events: readonly Event[],
  ...types: readonly Type[]
): Of<Type>[] {
  return events.filter((event) => (types as readonly string[]).includes(event.type)) as Of<Type>[]
}
