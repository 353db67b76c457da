// Whether what a monitor holds has become more.
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { collected, grownObjects, objects, trend } from './growth.mjs'

const FDS = '/proc/self/fd'
const LOOKS = 40
const SNAPSHOTS = 3
/** So many timers more may be pending just then: of a journal that is written, of a storage that is asked again. */
const UNDER_WAY = 3
/** Two-sided 95 % of a normal distribution, in standard errors. */
const CONFIDENCE = 1.96
/** A slope that would make the heap grow by less than this share of itself in a week is none. */
const SHARE_IN_A_WEEK = 0.1
/** In less time, in ms, what V8 makes for itself hides any slope. */
const LEAST = 12 * 3_600_000

/** What is open when nothing is under way: of many looks, the fewest of each. */
export async function idle() {
  const looks = []
  for (let look = 0; look < LOOKS; look++) {
    await sleep(3)
    looks.push(open())
  }
  const types = Object.keys(Object.assign({}, ...looks))
  return Object.fromEntries(types.map((type) => [type, Math.min(...looks.map((one) => one[type] ?? 0))]))
}

/** By type; file descriptors among them. */
function open() {
  const counts = { fds: existsSync(FDS) ? readdirSync(FDS).length : 0 }
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

/** The objects that stay: of some looks the one with the fewest bytes, since a consolidation may be under way. */
export async function settledObjects() {
  let fewest
  for (let look = 0; look < SNAPSHOTS; look++) {
    const found = await objects()
    if (!fewest || bytesOf(found) < bytesOf(fewest)) fewest = found
    await sleep(1_000)
  }
  return fewest
}

function bytesOf(found) {
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0)
}

export async function sample(clock) {
  const open = await idle()
  return { ...(await collected()), at: clock.monotonic(), open }
}

/** @param week the ms of what is simulated */
export function judge(samples, { before, after, week }) {
  return [slope(samples, week), grownObjects(before, after), ...grownOpen(samples)]
}

function slope(samples, week) {
  const { growth, noise } = trend(samples, 'heap')
  const duration = samples.at(-1).at - samples[0].at
  const heap = samples.at(-1).heap
  const [inAWeek, error] = [growth, CONFIDENCE * noise].map((bytes) => (bytes * week) / duration)
  const isSteep = inAWeek - error > 0 && inAWeek > SHARE_IN_A_WEEK * heap
  const line = `heap: ${mb(heap)}, grows by ${mb(inAWeek)} ± ${mb(error)} in a week`
  if (duration < LEAST) return { line: `${line} (too short to judge by)`, isOver: false }
  return { line, isOver: isSteep }
}

/** Nothing that is open when all is idle becomes more: by its least in the first and the last half. */
function grownOpen(samples) {
  const middle = Math.ceil(samples.length / 2)
  const types = Object.keys(Object.assign({}, ...samples.map((one) => one.open)))
  return types.map((type) => {
    const [first, last] = [samples.slice(0, middle), samples.slice(middle)].map((part) =>
      Math.min(...part.map(({ open }) => open[type] ?? 0)),
    )
    return { line: `${type}, when idle: ${first} → ${last}`, isOver: last > first + UNDER_WAY }
  })
}

export function mb(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
