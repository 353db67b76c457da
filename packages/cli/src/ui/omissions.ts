import type { ProviderStatus, Runner } from '@uptimeserver/core'
import { isAmiss, named } from '../skipped.js'
import { dim, yellow } from './colors.js'
import { grouped } from './format.js'
import type { Cell } from './line.js'
import type { News } from './news.js'

/** What providers found and could not use. */
export class Omissions {
  #runner: Runner | undefined
  #final: number | undefined
  /** By provider, as its last set said. */
  readonly #told = new Map<string, ReadonlySet<string>>()

  watch(runner: Runner, news: News): void {
    this.#runner = runner
    runner.on('provider', (status) => {
      const change = this.#changeTo(status)
      if (change) news.note(change)
    })
  }

  /** The end has begun, after which there are no providers to ask. */
  conclude(): void {
    this.#final = this.#count()
  }

  /** For the heading. */
  cells(): Cell[] {
    const count = this.#final ?? this.#count()
    return count ? [dim(` · ${grouped(count)} skipped`)] : []
  }

  #count(): number {
    return (this.#runner?.providers() ?? []).reduce(
      (sum, { skipped }) => sum + skipped.filter(isAmiss).length,
      0,
    )
  }

  /** One line, however many are new: a cluster may have thousands that it always skips. */
  #changeTo({ name, skipped }: ProviderStatus): Cell | undefined {
    const before = this.#told.get(name)
    const now = new Set(skipped.filter(isAmiss).map(named))
    this.#told.set(name, now)
    const [first, ...others] = [...now].filter((each) => !before?.has(each))
    if (first) return yellow(`${name} skips ${first}${others.length ? `, and ${others.length} more` : ''}`)
    return before?.size && !now.size ? `${name} skips nothing any more` : undefined
  }
}
