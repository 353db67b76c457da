import { unwatchFile, watchFile } from 'node:fs'
import { messageOf, type Runner } from '@uptimeserver/core'
import { inFile, loadConfig } from './load-config.js'
import type { View } from './ui/view.js'

/** How often a config that is watched is looked at, in ms. By its time and size: mounted ones are swapped behind a link. */
const LOOK = 1_000

/** Reads the config again when somebody asks for it: SIGHUP, or a change of the file. A bad one changes nothing. */
export class Reloads {
  readonly #path: string
  readonly #runner: Runner
  readonly #view: View
  readonly #isWatching: boolean
  #turn: Promise<void> = Promise.resolve()

  constructor(path: string, runner: Runner, view: View, isWatching: boolean) {
    this.#path = path
    this.#runner = runner
    this.#view = view
    this.#isWatching = isWatching
    process.on('SIGHUP', this.#reload)
    if (isWatching) watchFile(path, { interval: LOOK }, this.#onLook)
  }

  close(): void {
    process.off('SIGHUP', this.#reload)
    if (this.#isWatching) unwatchFile(this.#path, this.#onLook)
  }

  /** A file that is gone for a moment is being replaced. */
  readonly #onLook = (now: { mtimeMs: number; size: number }, before: { mtimeMs: number; size: number }) => {
    const isOther = now.mtimeMs !== before.mtimeMs || now.size !== before.size
    if (now.mtimeMs && isOther) this.#reload()
  }

  readonly #reload = (): void => {
    this.#turn = this.#turn.then(() => this.#readAgain())
  }

  async #readAgain(): Promise<void> {
    try {
      const { input } = await loadConfig(this.#path, true)
      const kept = await this.#runner.reload(input)
      this.#view.incident('the config was read again')
      for (const key of kept) this.#view.incident(`${key} has changed, which takes a restart`)
    } catch (error) {
      const message = messageOf(inFile(error, this.#path))
      this.#view.incident(`the config was read again and is refused, the old one goes on: ${message}`)
    }
  }
}
