import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** A transition is told within this time, if there is one, in ms. */
const TOLD = 1_500

const downIs = (name) => (told) => told.status.get(name) === 'down'
const upIs = (name) => (told) => told.status.get(name) === 'up'

/** What happens, and what a monitor must have told until the next thing does. */
const STEPS = [
  { name: 'well', until: () => true },
  { name: 'soft', failing: ['soft'], until: (told) => told.status.get('soft') === 'soft' },
  { name: 'firm', until: upIs('soft') },
  { name: 'shop down', failing: ['shop'], until: downIs('shop') },
  { name: 'shop up', until: upIs('shop') },
  { name: 'mail down', isAway: true, failing: ['mail'], until: downIs('mail') },
  { name: 'mail up', isAway: true, until: upIs('mail') },
  { name: 'wild down', isAway: true, failing: ['wild'], until: downIs('wild') },
  {
    name: 'lapsed',
    isAway: true,
    failing: ['wild'],
    until: (told) => downIs('wild')(told) && /lapsed|waiting/.test(told.standing),
  },
  { name: 'wild up', until: (told) => upIs('wild')(told) && told.standing === 'leading' && !told.hasTrouble },
  { name: 'late down', failing: ['late'], until: downIs('late') },
  { name: 'late up', until: upIs('late') },
  { name: 'end', until: () => false },
]
export const NAMES = ['shop', 'mail', 'wild', 'late', 'soft', 'good']

/** What happens to the services and the storage, one thing after the other. A later process goes on where an earlier one died. */
export class Script {
  #file
  #onStep
  #step
  #hasEnded = false
  #seen = new Map()
  #told = { status: new Map(), standing: '', hasTrouble: false }

  /** @param onStep called with the name of a step before it begins */
  constructor(file, onStep) {
    this.#file = file
    this.#onStep = onStep
    const begun = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    this.#step = Math.max(0, begun.length - 1)
    if (!begun.length) this.#note()
  }

  get isAway() {
    return STEPS[this.#step].isAway === true
  }

  isFailing(name) {
    return STEPS[this.#step].failing?.includes(name) === true
  }

  /** Something was told. */
  hear({ event, name, to, status, standing, error }) {
    const told = this.#told
    if (event === 'check') this.#see(name, status)
    if (event === 'transition') told.status.set(name, to)
    if (event === 'leadership') told.standing = standing
    if (event === 'storage') told.hasTrouble = error !== null
    const isKnown = NAMES.every((one) => told.status.has(one))
    if (isKnown && STEPS[this.#step].until(told)) this.#begin(this.#step + 1)
    if (isKnown && STEPS[this.#step].name === 'end') this.#end()
  }

  /** What goes on from before this process began is confirmed by a check, and is no transition. */
  #see(name, status) {
    if (this.#told.status.has(name)) return
    const since = this.#seen.get(name) ?? Date.now()
    this.#seen.set(name, since)
    if (Date.now() - since >= TOLD) this.#told.status.set(name, status)
  }

  /** A second signal would not be a clean end. */
  #end() {
    if (!this.#hasEnded) process.kill(process.pid, 'SIGTERM')
    this.#hasEnded = true
  }

  #begin(step) {
    this.#onStep(STEPS[step].name)
    this.#step = step
    this.#note()
  }

  /** Before it takes effect: nothing that is seen of it is older. */
  #note() {
    const { name } = STEPS[this.#step]
    appendFileSync(this.#file, `${JSON.stringify({ name, at: Date.now() })}\n`)
  }
}
