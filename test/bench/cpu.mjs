// CPU per check: the monitor against the bare loops and blackbox_exporter, in turn, round by round.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { findBlackbox, startBlackbox } from './blackbox.mjs'
import { median, ratio } from './numbers.mjs'

const folder = import.meta.dirname

/** What is compared with what. `target`: the most that the ratio may be at 1,000 and at 100 checks a second. */
const COMPARISONS = [
  {
    name: 'new connection',
    monitor: 'monitor:fresh',
    against: 'nodeHttp',
    label: 'bare `node:http`, as safe',
    targets: { 1000: 1.15, 100: 1.15 },
  },
  {
    name: 'new connection',
    monitor: 'monitor:fresh',
    against: 'net',
    label: 'bare `node:net`, not safe',
    targets: {},
  },
  {
    name: 'new connection',
    monitor: 'monitor:fresh',
    against: 'blackbox:fresh',
    label: 'blackbox_exporter',
    targets: { 1000: 0.35, 100: 0.6 },
  },
  {
    name: 'kept connection',
    monitor: 'monitor:reuse',
    against: 'pool',
    label: 'bare undici Pool',
    targets: { 1000: 1.25, 100: 1.25 },
  },
  {
    name: 'TLS',
    monitor: 'monitor:tls',
    against: 'tls',
    label: 'bare `tls.connect`, shared context',
    targets: { 1000: 1.1, 100: 1.1 },
  },
  { name: 'TLS', monitor: 'monitor:tls', against: 'blackbox:tls', label: 'blackbox_exporter', targets: {} },
]

export async function cpuRows({ rounds, seconds, certificate, key, ca, say }) {
  const target = fork(`${folder}/target.mjs`, [certificate, key])
  const [ports] = await once(target, 'message')
  const options = { ...ports, ca }
  const command = findBlackbox()
  const blackbox = command && (await startBlackbox(command, ca))
  if (!blackbox)
    say('LEFT OUT: blackbox_exporter is not installed (Debian: apt-get install prometheus-blackbox-exporter)')
  const comparisons = COMPARISONS.filter(({ against }) => blackbox || !against.startsWith('blackbox:'))
  const sides = [...new Set(comparisons.flatMap(({ monitor, against }) => [monitor, against]))]
  const rows = []
  for (const rate of [1000, 100]) {
    const seen = Object.fromEntries(sides.map((side) => [side, []]))
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) {
        const result = await runSide(side, { options, rate, ms: seconds * 1_000, blackbox, ports })
        if (result.failed) throw new Error(`${side}: ${result.failed} checks failed`)
        seen[side].push(result.microseconds)
        say(
          `  ${rate}/s round ${round + 1}: ${side} ${result.microseconds.toFixed(0)} µs (${result.checks} checks)`,
        )
      }
    }
    for (const { name, monitor, against, label, targets } of comparisons) {
      const compared = ratio(seen[monitor], seen[against])
      rows.push({
        what: `CPU per check, ${name}, ${rate}/s`,
        against: label,
        ours: `${median(seen[monitor]).toFixed(0)} µs`,
        theirs: `${median(seen[against]).toFixed(0)} µs`,
        ratio: compared,
        target: targets[rate],
      })
    }
  }
  blackbox?.stop()
  target.kill()
  return rows
}

async function runSide(side, { options, rate, ms, blackbox, ports }) {
  if (side.startsWith('blackbox:')) {
    const module = side.slice(9)
    const url =
      module === 'tls' ? `https://127.0.0.1:${ports.https}/health` : `http://127.0.0.1:${ports.http}/health`
    return blackbox.run(module, url, rate, ms)
  }
  const child = fork(`${folder}/contender.mjs`)
  child.send({ side, options, rate, ms })
  const [result] = await once(child, 'message')
  child.disconnect()
  await once(child, 'exit')
  return result
}
