import type { Runner } from '@uptimeserver/core'
import { DEFAULT_ADDRESS, parseAddress } from './health/address.js'
import { Systemd } from './systemd.js'
import type { View } from './ui/view.js'

/** Who is told how the monitor goes on, besides the one who watches: probes, a service manager. */
export interface Attendant {
  /** It checks, or stands by. */
  started(runner: Runner): void
  /** Its end was asked for. */
  stopping(): void
  /** It is over. */
  close(): Promise<void>
}

/** All of them, as one. */
export class Attendants implements Attendant {
  readonly #all: readonly Attendant[]

  /**
   * @param health an address, or `true` for the one that it is by default
   * @throws UptimeError `CONFIG_INVALID`
   */
  static async gather(health: string | true | undefined, view: View): Promise<Attendants> {
    const systemd = Systemd.from(process.env, (message) => view.incident(message))
    const probes = health === undefined ? undefined : await answerProbes(health, view)
    return new Attendants([probes, systemd].filter((one) => one !== undefined))
  }

  private constructor(all: readonly Attendant[]) {
    this.#all = all
  }

  started(runner: Runner): void {
    for (const one of this.#all) one.started(runner)
  }

  stopping(): void {
    for (const one of this.#all) one.stopping()
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.close()))
  }
}

async function answerProbes(health: string | true, view: View): Promise<Attendant> {
  const address = parseAddress('--health', health === true ? DEFAULT_ADDRESS : health)
  const { HealthServer } = await import('./health/server.js')
  const server = await HealthServer.open(address)
  view.answersProbes(server.url)
  return server
}
