import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { randomFrom } from '../../../test/support/random.js'
import { listOf } from './support/echo.js'
import { Folder } from './support/folder.js'
import { Monitor } from './support/monitor.js'

vi.setConfig({ testTimeout: 180_000 })

const NAMES = Array.from({ length: 12 }, (_, n) => `s${n}`)

/** Files that are edited at random in all the ways there are. What they say last is known. */
class Editor {
  readonly #folder: Folder
  readonly #random: () => number
  /** What each file says that is good. */
  readonly said = new Map<string, readonly string[]>()

  constructor(folder: Folder, random: () => number) {
    this.#folder = folder
    this.#random = random
  }

  step(): void {
    const file = `services/${this.#pick(['', 'x/', 'x/y/'])}f${Math.floor(this.#random() * 5)}.yaml`
    const names = NAMES.filter(() => this.#random() < 0.3)
    const dice = this.#random()
    if (dice < 0.3) this.#say('write', file, names)
    else if (dice < 0.55) this.#say('replace', file, names)
    else if (dice < 0.7) this.#remove(file)
    else if (dice < 0.75) this.#remove('services/x')
    else if (dice < 0.85) this.#rename(file)
    else if (dice < 0.9)
      this.#folder.write(`services/x/noise${Math.floor(this.#random() * 100)}.log`, 'noise')
    else this.#break(file)
  }

  /** Mends what is broken, as its owner would. */
  mend(): void {
    for (const [file, names] of this.said) this.#folder.replace(file, listOf(...names))
  }

  #say(how: 'write' | 'replace', file: string, names: readonly string[]): void {
    this.#folder[how](file, listOf(...names))
    this.said.set(file, names)
  }

  #remove(path: string): void {
    this.#folder.remove(path)
    for (const file of this.said.keys())
      if (file === path || file.startsWith(`${path}/`)) this.said.delete(file)
  }

  #rename(file: string): void {
    const from = this.#pick([...this.said.keys()])
    if (from === undefined || from === file) return
    this.#say('write', file, [])
    this.#folder.rename(from, file)
    this.said.set(file, this.said.get(from)!)
    this.said.delete(from)
  }

  #break(file: string): void {
    if (this.said.has(file)) this.#folder.write(file, this.#pick(['- {', '', '- { type: ech }', '\u0000'])!)
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }
}

test('files that are edited at random in all ways end with the set that they say, round after round', async () => {
  const seed = Date.now() % 1_000_000
  const random = randomFrom(seed)
  using folder = new Folder({ 'services/f0.yaml': listOf() })
  const editor = new Editor(folder, random)
  await using monitor = await Monitor.start(folder, { files: 'services/**/*.yaml' })
  let edits = 0
  for (let round = 0; round < 8; round++) {
    for (const end = performance.now() + 2_500; performance.now() < end; edits++) {
      editor.step()
      await sleep(random() < 0.1 ? random() * 600 : random() * 30)
    }
    editor.mend()
    const expected = [...new Set([...editor.said.values()].flat())].sort()
    await expect
      .poll(() => monitor.names, { timeout: 10_000, interval: 50, message: `seed ${seed}, round ${round}` })
      .toEqual(expected)
    await sleep(500)
    expect(monitor.names, `it stays so; seed ${seed}, round ${round}`).toEqual(expected)
  }
  expect(edits).toBeGreaterThan(200)
  expect(monitor.runner.providers()[0]).toMatchObject({ staleSince: null, error: null })
})
