import { resolve } from 'node:path'
import {
  type Clock,
  type Discovery,
  type DiscoveryContext,
  type Provider,
  parseDuration,
  type Service,
  type ServiceTypes,
  sleep,
} from '@uptimeserver/core'
import { raceSignal } from '@uptimeserver/core/kit'
import { News } from './news.js'
import type { FileProviderOptions } from './options.js'
import { Selection } from './selection.js'
import { type Leaf, Tree, type View } from './tree.js'
import { Watch } from './watch.js'

/** What happens within this is taken together, in ms. */
const TOGETHER = 100
/** The first set waits for files that are being written, so long, in ms. */
const FIRST = 10_000

/** Takes services from files. What a file said when it was good last outlives the loss of it. */
export class FileProvider implements Provider {
  readonly name: string
  readonly types: ServiceTypes
  readonly #poll: number
  readonly #options: FileProviderOptions
  #tree: Tree | undefined
  readonly #selection: Selection

  constructor(options: FileProviderOptions) {
    this.name = options.name ?? 'file-provider'
    this.types = options.types
    this.#poll = parseDuration(options.poll ?? '60s')!
    this.#options = options
    this.#selection = new Selection(options)
  }

  async *discover({ clock, log, signal, folder }: DiscoveryContext): AsyncGenerator<Discovery> {
    const tree = this.#treeIn(folder)
    const news = new News()
    const watch = new Watch(news.tell, log)
    const begin = clock.monotonic()
    let seen: View | undefined
    let last: Discovery | undefined
    try {
      while (!signal.aborted) {
        news.clear()
        const view = await raceSignal(look(tree, clock, signal), signal)
        // Between the look and the watch something may have happened that nobody tells.
        if (await watch.follow(view.folders, clock, signal)) news.tell()
        const isReady = seen !== undefined || view.isSettled || clock.monotonic() - begin > FIRST
        if (isReady && !(seen && isSameView(seen, view))) {
          seen = view
          const next = this.#selection.select(view)
          if (!last || !isSameSet(last, next)) yield next
          last = next
        }
        if (view.isSettled) await news.wait(clock, this.#poll, signal)
        await sleep(clock, TOGETHER, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#selection.end()
      await watch.close()
    }
  }

  #treeIn(folder = '.'): Tree {
    const { cwd = '.' } = this.#options
    this.#tree ??= new Tree({ ...this.#options, cwd: resolve(folder, cwd) })
    return this.#tree
  }
}

function look(tree: Tree, clock: Clock, signal: AbortSignal): Promise<View> {
  return tree.look({ monotonic: clock.monotonic(), wall: clock.now() }, signal)
}

function isSameView(a: View, b: View): boolean {
  const isSameLeaf = ({ name, page, faults }: Leaf, index: number) => {
    const other = b.leaves[index]!
    return name === other.name && page === other.page && faults === other.faults
  }
  return a.leaves.length === b.leaves.length && a.leaves.every(isSameLeaf) && isSame(a.skipped, b.skipped)
}

function isSameSet(a: Discovery, b: Discovery): boolean {
  const isSameService = (service: Service, index: number) => service === b.services[index]
  const isSameLength = a.services.length === b.services.length
  return isSameLength && a.services.every(isSameService) && isSame(a.skipped, b.skipped)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
