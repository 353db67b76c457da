// What a process holds, and whether it has become more.
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../../bench/numbers.mjs'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const FDS = '/proc/self/fd'

/** What is left after garbage was collected: twice, since what is finalized first is garbage only then. */
export async function collected() {
  gc()
  await sleep(20)
  gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    ...{ heap: heapUsed + external, rss },
    fds: existsSync(FDS) ? readdirSync(FDS).length : 0,
    handles: process.getActiveResourcesInfo().length,
  }
}

/** What V8 makes for itself: compiled code, and lists of what is compiled. */
const OWN = new Set(['code', 'hidden', 'object shape', 'synthetic'])

/** The bytes of all objects that programs make, by their names: it takes a second, in which nothing else is done. */
export async function objects() {
  const text = Buffer.concat(await getHeapSnapshot().toArray()).toString()
  const { snapshot, nodes, strings } = JSON.parse(text)
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const found = new Map()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[type][nodes[at + type]]
    if (OWN.has(kind)) continue
    const key = kind === 'object' ? strings[nodes[at + name]] : kind
    found.set(key, (found.get(key) ?? 0) + nodes[at + size])
  }
  return found
}

/** In bytes. V8's own share, its code and lists, goes on growing by some 300 KB; an object with every check would be more. */
const HEAP = 512 * 1_024
/** In bytes. What checks that are under way hold just then. */
const OBJECTS = 128 * 1_024
/** So many connections and timers more may be under way when it is looked. */
const UNDER_WAY = 5

/** The resident memory is only told: V8 keeps what it likes. */
export function judge(samples, before, after) {
  const [heap, rss] = ['heap', 'rss'].map((key) => trend(samples, key))
  const [fds, handles] = ['fds', 'handles'].map((key) => ends(samples, key))
  const noise = 3 * heap.noise
  return [
    {
      line: `heap: ${kb(heap.growth)} more at the end (noise ${kb(noise)}), ${kb(heap.perHour)} an hour`,
      isOver: heap.growth > HEAP + noise,
    },
    grownObjects(before, after),
    { line: `resident: ${kb(rss.growth)} more`, isOver: false },
    { line: `file descriptors: ${fds.join(' → ')}`, isOver: fds[1] > fds[0] + UNDER_WAY },
    { line: `handles: ${handles.join(' → ')}`, isOver: handles[1] > handles[0] + UNDER_WAY },
  ]
}

export function grownObjects(before, after) {
  const grown = [...after].map(([name, bytes]) => [name, bytes - (before.get(name) ?? 0)])
  const most = grown.sort(([, a], [, b]) => b - a).slice(0, 3)
  const growth = sum([...after.values()]) - sum([...before.values()])
  const shown = most.map(([name, bytes]) => `${name} ${kb(bytes)}`).join(', ')
  return { line: `objects: ${kb(growth)} more; most of all ${shown}`, isOver: growth > OBJECTS }
}

/** By the straight line that fits best: how much it rises, and by how much that may be chance (its standard error). */
export function trend(samples, key) {
  const [at, values] = ['at', key].map((name) => samples.map((sample) => sample[name]))
  const [x, y] = [mean(at), mean(values)]
  const spread = sum(at.map((one) => (one - x) ** 2))
  const slope = sum(at.map((one, index) => (one - x) * (values[index] - y))) / spread
  const rest = sum(at.map((one, index) => (values[index] - y - slope * (one - x)) ** 2))
  const duration = at.at(-1) - at[0]
  const error = Math.sqrt(rest / (at.length - 2) / spread)
  return { growth: slope * duration, noise: error * duration, perHour: slope * 3_600_000 }
}

/** In the middle of the first quarter, and of the last one. */
function ends(samples, key) {
  const quarter = Math.ceil(samples.length / 4)
  return [samples.slice(0, quarter), samples.slice(-quarter)].map((part) =>
    median(part.map((sample) => sample[key])),
  )
}

function sum(values) {
  return values.reduce((all, value) => all + value, 0)
}

function mean(values) {
  return sum(values) / values.length
}

function kb(bytes) {
  return `${(bytes / 1_024).toFixed(0)} KB`
}
