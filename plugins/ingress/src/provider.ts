import { type Context, type Discovery, type Provider, sleep } from '@uptimeserver/core'
import { News } from '@uptimeserver/core/kit'
import { Cluster, hasStatus, Reflector } from '@uptimeserver/kubernetes/client'
import { type HttpRoute, type Ingress, isRoute, type Source } from './objects.js'
import type { IngressOptions } from './options.js'
import { plan } from './plan.js'
import { readIngress } from './read-ingress.js'
import { readRoute } from './read-route.js'
import { Selection } from './selection.js'

const ROUTES_PATH = '/apis/gateway.networking.k8s.io/v1'
/** How often it is looked whether HTTPRoute is there by now, in ms. */
const ROUTES_EVERY = 60_000
const NO_GATEWAY = 'the cluster has no Gateway API (v1)'
/** So often in a row must it be gone, when it was there: an API server that has just started may not know it yet. */
const GONE = 3

type Inner = Pick<Context, 'clock' | 'signal'>

/** Discovers what Ingress and HTTPRoute objects serve. What it has seen outlives the loss of sight. */
export class IngressProvider implements Provider {
  readonly name: string
  readonly #cluster: Cluster
  readonly #ingresses: Reflector<Ingress>
  readonly #routes: Reflector<HttpRoute>
  readonly #selection: Selection
  /** Why there are no HTTPRoutes; `undefined` while there are, or while nobody knows. */
  #withoutRoutes: string | undefined
  #misses = 0

  constructor(options: IngressOptions) {
    const { name = 'ingress', namespace, labelSelector } = options
    const within = namespace === undefined ? '' : `/namespaces/${namespace}`
    this.name = name
    this.#cluster = new Cluster(options)
    this.#ingresses = new Reflector(this.#cluster, {
      path: `/apis/networking.k8s.io/v1${within}/ingresses`,
      labelSelector,
    })
    this.#routes = new Reflector(this.#cluster, { path: `${ROUTES_PATH}${within}/httproutes`, labelSelector })
    this.#selection = new Selection((object) => plan(object, read(object), options))
  }

  async *discover({ clock, signal }: Context): AsyncGenerator<Discovery> {
    const stop = new AbortController()
    const inner = { clock, signal: AbortSignal.any([signal, stop.signal]) }
    const news = new News(inner.signal)
    const inSight = new Set<unknown>()
    const see = (kind: unknown) => () => {
      inSight.add(kind)
      news.tell()
    }
    const runs = [
      this.#ingresses.run(clock, inner.signal, see(this.#ingresses)),
      this.#followRoutes(inner, see(this.#routes)),
    ]
    for (const run of runs) run.catch(news.fail)
    let last: Discovery | undefined
    try {
      while (!inner.signal.aborted) {
        await news.next()
        // What was seen before sight was lost is no sight: a set says that all of it is seen now.
        if (inSight.size < runs.length || inner.signal.aborted) continue
        const next = this.#discovery()
        if (next !== last) yield next
        last = next
      }
    } catch (error) {
      throw new Error(this.#cluster.problemOf(error), { cause: error })
    } finally {
      stop.abort(new Error('nobody wants to know any more'))
      await Promise.allSettled(runs)
    }
  }

  /** The same object again while nothing has changed. */
  #discovery(): Discovery {
    const objects: Source[] = [...this.#ingresses.objects.values(), ...this.#routes.objects.values()]
    const reason = this.#withoutRoutes
    return this.#selection.select(objects, reason === undefined ? [] : [aboutRoutes(reason)])
  }

  /** Most clusters have no Gateway API, which is nothing to worry about. */
  async #followRoutes({ clock, signal }: Inner, tell: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#routes.run(clock, signal, () => {
          this.#misses = 0
          this.#withoutRoutes = undefined
          tell()
        })
      } catch (error) {
        if (signal.aborted) return
        const reason = this.#whyAbsent(error)
        if (reason === undefined) throw error
        this.#routes.clear()
        this.#withoutRoutes = reason
        tell()
        await sleep(clock, ROUTES_EVERY, signal)
      }
    }
  }

  /** `undefined`: they may be there, and are only out of sight. */
  #whyAbsent(error: unknown): string | undefined {
    const wasThere = this.#routes.hasSeen && this.#withoutRoutes === undefined
    if (hasStatus(error, 404)) return wasThere && ++this.#misses < GONE ? undefined : NO_GATEWAY
    return hasStatus(error, 403) && !wasThere ? this.#cluster.problemOf(error) : undefined
  }
}

const aboutRoutes = (reason: string) => ({
  what: 'HTTPRoute',
  reason,
  ...(reason === NO_GATEWAY && { harmless: true }),
})

function read(object: Source) {
  return isRoute(object) ? readRoute(object) : readIngress(object)
}
