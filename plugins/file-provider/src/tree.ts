import { realpath } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Skipped } from '@uptimeserver/core'
import { Copies, type Copy, type Now } from './copies.js'
import { Listing } from './listing.js'
import type { FileProviderOptions } from './options.js'
import type { Page } from './page.js'
import type { Fault, Place } from './parse/job.js'
import { Pattern } from './pattern.js'

const MOST_FILES = 10_000

/** A file, and what counts of it. */
export interface Leaf {
  /** As people know it: relative to the base folder. */
  readonly name: string
  readonly page: Page | undefined
  readonly faults: readonly Fault[]
}

/** All files at one moment. */
export interface View {
  /** In the order in which they decide. */
  readonly leaves: readonly Leaf[]
  readonly skipped: readonly Skipped[]
  /** Where something may change. */
  readonly folders: ReadonlySet<string>
  /** Whether no file is being written. */
  readonly isSettled: boolean
}

/** A file on the way from one that is listed over those that it includes. */
interface Stop {
  readonly path: string
  readonly from?: Stop
}

/** The files that are listed, and those that they include. */
export class Tree {
  readonly #cwd: string
  readonly #copies: Copies
  readonly #listings: readonly { readonly glob: string; readonly listing: Listing }[]
  #included = new Map<string, Listing>()

  constructor({ files, cwd = '.', ...options }: FileProviderOptions) {
    this.#cwd = resolve(cwd)
    this.#copies = new Copies(options)
    const globs = [files].flat()
    const exceptions = globs.filter(isException).map((glob) => glob.slice(1))
    this.#listings = globs
      .filter((glob) => !isException(glob))
      .map((glob) => ({ glob, listing: new Listing(new Pattern(glob, this.#cwd, exceptions)) }))
  }

  async look(now: Now, signal: AbortSignal): Promise<View> {
    const walk = new Walk(now, signal)
    for (const { glob, listing } of this.#listings) {
      const found = await this.#list(listing, walk)
      for (const path of found) await this.#visit({ path }, walk)
      if (!found.length) walk.skipped.push({ what: glob, reason: 'there is no such file' })
    }
    this.#included = walk.included
    this.#copies.keep(walk.paths)
    return { ...walk, isSettled: !walk.isOpen }
  }

  /** What is there, and what is gone only for a moment. */
  async #list(listing: Listing, walk: Walk): Promise<string[]> {
    const there: string[] = []
    for (const folder of await listing.pattern.folders()) walk.folders.add(folder)
    for (const path of await listing.look()) {
      const copy = walk.paths.has(path)
        ? walk.copies.get(path)!
        : await this.#copies.look(path, walk.now, walk.signal)
      walk.copies.set(path, copy)
      walk.paths.add(path)
      if (copy.isOpen) walk.isOpen = true
      if (copy.isGone && !copy.isOpen) listing.drop(path)
      else there.push(path)
    }
    return there
  }

  async #visit(stop: Stop, walk: Walk): Promise<void> {
    const { path } = stop
    const real = await realpath(path).catch(() => path)
    if (walk.seen.has(real) || walk.isFull) return
    walk.seen.add(real)
    walk.folders.add(dirname(real))
    const { page, faults } = walk.copies.get(path)!
    walk.leaves.push({ name: this.#name(path), page, faults })
    for (const { pattern, place } of page?.includes ?? []) await this.#include(pattern, place, stop, walk)
  }

  async #include(glob: string, place: Place | undefined, stop: Stop, walk: Walk): Promise<void> {
    const key = `${stop.path}\n${glob}`
    const cwd = dirname(stop.path)
    const listing = walk.included.get(key) ?? this.#included.get(key) ?? new Listing(new Pattern(glob, cwd))
    walk.included.set(key, listing)
    const found = await this.#list(listing, walk)
    const skip = (reason: string) =>
      walk.skipped.push({ what: whereIs(this.#name(stop.path), place), reason })
    if (!found.length) skip(`include: there is no file ${glob}`)
    for (const path of found) {
      if (path === stop.path && listing.pattern.isDynamic) continue
      if (isOnTheWay(stop, path)) skip(`include: ${this.#name(path)} includes this file, in a circle`)
      else await this.#visit({ path, from: stop }, walk)
    }
  }

  #name(path: string): string {
    return relative(this.#cwd, path).split(sep).join('/')
  }
}

/** What one look has come upon. */
class Walk {
  readonly leaves: Leaf[] = []
  readonly skipped: Skipped[] = []
  readonly folders = new Set<string>()
  readonly paths = new Set<string>()
  readonly seen = new Set<string>()
  readonly copies = new Map<string, Copy>()
  readonly included = new Map<string, Listing>()
  readonly now: Now
  readonly signal: AbortSignal
  isOpen = false
  #isFull = false

  constructor(now: Now, signal: AbortSignal) {
    this.now = now
    this.signal = signal
  }

  get isFull(): boolean {
    if (this.leaves.length < MOST_FILES) return false
    const reason = `there are more than ${MOST_FILES}; the others are not read`
    if (!this.#isFull) this.skipped.push({ what: 'files', reason })
    this.#isFull = true
    return true
  }
}

/** Where to look: `services/shop.yaml:12:5`. */
export function whereIs(name: string, place: Place | undefined): string {
  return place ? `${name}:${place.line}:${place.column}` : name
}

function isException(glob: string): boolean {
  return glob.startsWith('!') && !glob.startsWith('!(')
}

function isOnTheWay(stop: Stop | undefined, path: string): boolean {
  return stop !== undefined && (stop.path === path || isOnTheWay(stop.from, path))
}
