import { backoff, type Clock, sleep } from '@uptimeserver/core'
import type { Cluster } from './cluster.js'
import { inTime } from './in-time.js'
import { list } from './pages.js'
import { hasStatus } from './problems.js'
import { eventsOf, type KubernetesObject, openWatch, type WatchEvent } from './watch.js'

/** What a reflector waits for, in ms. */
export interface Patience {
  /** Until the server begins to answer. */
  readonly open: number
  /** How long a watch lasts: what is not seen while it is open, because something between swallows it, is seen after its end. */
  readonly watch: number
  /** How much longer than that it may take until the end has come through. */
  readonly grace: number
  /** All pages of a list. */
  readonly list: number
  /** From one list to the next although nothing calls for one. */
  readonly relist: number
}

const PATIENCE: Patience = { open: 10_000, watch: 30_000, grace: 5_000, list: 60_000, relist: 600_000 }
/** A round that ends sooner was none: the next waits, longer and longer, in ms. */
const SHORT = 1_000
const LONGEST_PAUSE = 30_000

/** Objects of one kind. */
export interface Resource {
  /** `/apis/networking.k8s.io/v1/ingresses` */
  readonly path: string
  readonly labelSelector?: string | undefined
}

/**
 * Mirrors the objects of one kind: lists them, then watches what changes. Losing sight is an error that is thrown; run again, it goes
 * on from the last version that it saw, so that a connection that breaks costs one request and not a list.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #cluster: Cluster
  readonly #resource: Resource
  readonly #patience: Patience
  #objects = new Map<string, T>()
  /** The version that is mirrored; `undefined` while nothing is, or when the server knows it no longer. */
  #version: string | undefined
  #listedAt = 0
  #hasSeen = false
  /** Whether there is something to tell as soon as there is sight. */
  #isNews = false

  constructor(cluster: Cluster, resource: Resource, patience: Partial<Patience> = {}) {
    this.#cluster = cluster
    this.#resource = resource
    this.#patience = { ...PATIENCE, ...patience }
  }

  /** By uid. */
  get objects(): ReadonlyMap<string, T> {
    return this.#objects
  }

  /** Whether it has ever seen them, and what became of them. */
  get hasSeen(): boolean {
    return this.#hasSeen
  }

  /** Sees none, because there are none to see any more. */
  clear(): void {
    this.#objects = new Map()
    this.#version = undefined
  }

  /**
   * Runs until the signal.
   *
   * @param onChange called when sight is there, and whenever something has changed
   * @throws whatever came in the way
   */
  async run(clock: Clock, signal: AbortSignal, onChange: () => void): Promise<void> {
    this.#isNews = true
    for (let short = 0; !signal.aborted; ) {
      const began = clock.monotonic()
      await this.#round(clock, signal, onChange)
      short = clock.monotonic() - began < SHORT ? short + 1 : 0
      if (short) await sleep(clock, backoff(short, SHORT, LONGEST_PAUSE), signal)
    }
  }

  async #round(clock: Clock, signal: AbortSignal, onChange: () => void): Promise<void> {
    const isDue = clock.monotonic() - this.#listedAt > this.#patience.relist
    if (this.#version === undefined || isDue) await this.#list(clock, signal)
    try {
      await this.#watch(clock, signal, onChange)
    } catch (error) {
      if (!hasStatus(error, 410)) throw error
      this.#version = undefined
    }
  }

  async #list(clock: Clock, signal: AbortSignal): Promise<void> {
    const all = (inner: AbortSignal) =>
      list<T>(this.#cluster, this.#resource.path, queryOf(this.#resource), inner)
    const { items, resourceVersion } = await inTime(clock, this.#patience.list, signal, 'no list', all)
    this.#objects = new Map(items.map((object) => [object.metadata.uid, slim(object)]))
    this.#version = resourceVersion
    this.#listedAt = clock.monotonic()
    this.#isNews = true
  }

  async #watch(clock: Clock, signal: AbortSignal, onChange: () => void): Promise<void> {
    const { open, watch: lasts, grace } = this.#patience
    const query = { ...queryOf(this.#resource), resourceVersion: this.#version! }
    const seconds = Math.ceil(lasts / 1_000)
    const response = await inTime(clock, open, signal, 'no answer', (inner) =>
      openWatch(this.#cluster, this.#resource.path, query, seconds, inner),
    )
    // A list alone is no sight: who may list but not watch would see, and be blind, in turn.
    this.#hasSeen = true
    if (this.#isNews) onChange()
    this.#isNews = false
    await inTime(clock, lasts + grace, signal, 'the watch came to no end', async (inner) => {
      for await (const event of eventsOf<T>(response, inner)) if (this.#take(event)) onChange()
    })
  }

  /** Returns whether an object has changed. */
  #take({ type, object }: WatchEvent<T>): boolean {
    this.#version = object.metadata.resourceVersion
    if (type === 'BOOKMARK') return false
    if (type === 'DELETED') return this.#objects.delete(object.metadata.uid)
    this.#objects.set(object.metadata.uid, slim(object))
    return true
  }
}

function queryOf({ labelSelector }: Resource): Record<string, string> {
  return labelSelector === undefined ? {} : { labelSelector }
}

/** Without what only the API server's own bookkeeping needs, and is often the larger part. */
function slim<T extends KubernetesObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown }
  return { ...object, metadata }
}
