import type { Detail } from '@uptimeserver/core'
import type { Host } from './host.js'
import { StatusError } from './problems.js'

interface Root {
  readonly version?: { readonly number?: string; readonly distribution?: string }
}

/** Behind a load balancer nothing shows that nodes were upgraded. In ms. */
const GOOD_FOR = 600_000

/** What a host runs. A request for it with every check would make that half as dear again. */
export class Version {
  #known: Detail | undefined
  #until = 0

  /** From the host itself now. */
  async ask(host: Host, signal: AbortSignal): Promise<Detail> {
    const root = await host.json<Root | null>('/', signal)
    const { number, distribution } = root?.version ?? {}
    return number === undefined
      ? {}
      : { version: distribution === undefined ? number : `${distribution} ${number}` }
  }

  /** As it was told last; nothing, where the host does not tell it to everybody. */
  async recall(host: Host, signal: AbortSignal): Promise<Detail> {
    if (this.#known && performance.now() < this.#until) return this.#known
    this.#known = (await ifTold(() => this.ask(host, signal))) ?? {}
    this.#until = performance.now() + GOOD_FOR
    return this.#known
  }

  /** A host that was away may come back as another. */
  forget(): void {
    this.#known = undefined
  }
}

/** What is nice to know, from a host that may not tell it to everybody. */
export async function ifTold<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}
