import type { Event } from '@uptimeserver/core'
import { DAY, facts, HOUR, MINUTE } from './history.js'
import { randomFrom } from './random.js'

/** Three months in New York, over the end of summer time. */
const BEGIN = Date.parse('2025-09-01T00:00:00-04:00')
const END = BEGIN + 92 * DAY
export const SERVICES = 40

export const idOf = (index: number) => `c0ffee${String(index).padStart(10, '0')}`

/** Every service with some thirty outages, gaps now and then, and a monitor that was off for hours once a week. */
export function threeMonths(seed: number): Event[] {
  const random = randomFrom(seed)
  const list: Event[] = []
  for (let week = BEGIN, run = 0; week < END + DAY; week += 7 * DAY, run++)
    list.push(
      ...facts.run(`r${run}`, week, Math.min(week + 7 * DAY - Math.floor(random() * 9 * HOUR), END + DAY)),
    )
  for (let index = 0; index < SERVICES; index++) {
    const service = { id: idOf(index), name: `service ${index}`, category: `c${index % 4}` }
    list.push(facts.added(service, BEGIN + Math.floor(random() * 20) * DAY))
    for (let at = BEGIN, k = 0; at < END; k++) {
      at += Math.floor(random() * 6 * DAY)
      const end = at + MINUTE + Math.floor(random() * random() * 9 * HOUR)
      list.push(...facts.down(`d${index}-${k}`, service.id, at, end))
      if (k % 5 === 0) list.push(facts.gap(service.id, at + HOUR, at + 2 * HOUR))
      at = end
    }
  }
  return list.sort((a, b) => a.at - b.at)
}
