// What the soak watches: services that fail and recover in every way, and a provider that is never the same for long.
import { once } from 'node:events'
import { connect } from 'node:net'
import { sleep } from '@uptimeserver/core'
import { http } from 'uptimeserver'

const KINDS = ['well', 'well', 'well', 'wrong', 'broken', 'silent']
const WEB = 60
const PORTS = 4
const GUESTS = 6
/** A provider's set is another one after so long, in ms. */
const CHANGE = 7 * 60_000
/** Of so many sets one is not to be had. */
const FAILING = 10

export function services({ web, port }) {
  const sites = Array.from({ length: WEB }, (_, index) => site(web, `site ${index}`, index))
  return [...sites, ...Array.from({ length: PORTS }, (_, index) => tcp(port, index))]
}

function site(port, name, index) {
  const kind = KINDS[index % KINDS.length]
  const every = index % 4 ? '60s' : '10s'
  return http(`http://127.0.0.1:${port}/${kind}/${index}`, { name, category: kind, every })
}

function tcp(port, index) {
  return {
    ...{ kind: 'tcp', name: `port ${index}`, category: 'ports', timing: { every: '30s' } },
    async check({ signal }) {
      const socket = connect({ host: '127.0.0.1', port, signal })
      try {
        const [bytes] = await once(socket, 'data', { signal })
        return { greeting: bytes.toString().trim() }
      } finally {
        socket.destroy()
      }
    },
  }
}

/** Some services stay, one comes with every set and stays for a while, and one is another object each time. */
export function flickering({ web }) {
  let turn = GUESTS
  return {
    name: 'flickering',
    async *discover({ signal, clock }) {
      while (!signal.aborted) {
        if (++turn % FAILING === 0) throw new Error('nobody knows')
        const guests = Array.from({ length: GUESTS }, (_, index) => turn - index)
        yield { services: guests.map((guest) => site(web, `guest ${guest}`, guest)) }
        await sleep(clock, CHANGE, signal)
      }
    },
  }
}
