/** Times as a report shows them: by the clocks of its zone, with their offset. */
export class ZonedTimes {
  readonly #format: Intl.DateTimeFormat

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, timeZoneName: 'longOffset', hourCycle: 'h23', calendar: 'iso8601' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
    })
  }

  /** `2026-11-22 08:05:00.123 +01:00` */
  exact(ms: number): string {
    const { date, time, fraction, offset } = this.#parts(ms)
    return `${date} ${time}.${fraction} ${offset}`
  }

  /** `2026-11-22 08:05:00 +01:00` */
  full(ms: number): string {
    const { date, time, offset } = this.#parts(ms)
    return `${date} ${time} ${offset}`
  }

  /** `2026-11-22 08:05:00` */
  local(ms: number): string {
    const { date, time } = this.#parts(ms)
    return `${date} ${time}`
  }

  /** `2026-11-22 08:05` */
  short(ms: number): string {
    const { date, time } = this.#parts(ms)
    return `${date} ${time.slice(0, 'hh:mm'.length)}`
  }

  #parts(ms: number) {
    const parts = Object.fromEntries(this.#format.formatToParts(ms).map(({ type, value }) => [type, value]))
    const { year, month, day, hour, minute, second, fractionalSecond, timeZoneName = '' } = parts
    return {
      date: `${year?.padStart(4, '0')}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      fraction: fractionalSecond,
      offset: timeZoneName.slice('GMT'.length) || '+00:00',
    }
  }
}
