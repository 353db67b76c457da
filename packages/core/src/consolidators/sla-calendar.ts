import {
  type CalendarPeriod,
  type CalendarUnit,
  calendarPeriod,
  periodsTouching,
} from '../calendar/calendar.js'
import type { Range } from '../contracts.js'

/** The periods of a report. Each is one object, however often it is asked for. */
export class SlaCalendar {
  readonly #zone: string
  readonly #units: readonly CalendarUnit[]
  readonly #known = new Map<string, CalendarPeriod>()

  constructor(zone: string, units: readonly CalendarUnit[]) {
    this.#zone = zone
    this.#units = units
  }

  period(unit: CalendarUnit, label: string): CalendarPeriod {
    const known = this.#known.get(`${unit} ${label}`)
    return known ?? this.#keep(calendarPeriod(unit, label, this.#zone))
  }

  /** Every period of every unit that has time in common with a range. */
  touching(range: Range): CalendarPeriod[] {
    return this.#units.flatMap((unit) =>
      periodsTouching(unit, range, this.#zone).map(
        (period) => this.#known.get(`${unit} ${period.label}`) ?? this.#keep(period),
      ),
    )
  }

  #keep(period: CalendarPeriod): CalendarPeriod {
    this.#known.set(`${period.unit} ${period.label}`, period)
    return period
  }
}
