import { UptimeError } from '@uptimeserver/core'

const WRITES = new Set(['open', 'record', 'save', 'publish', 'close'])

/**
 * A storage that cannot be reached while `isAway` says so.
 *
 * @param writes what counts each call that writes. Absent: they are counted elsewhere
 */
export function reachable(storage, isAway, writes = { around: (_, work) => work() }) {
  const insist = () => {
    if (isAway()) throw new UptimeError('STORAGE_UNREACHABLE', 'the storage is away')
  }
  const write = (kind, work) => {
    if (kind !== 'close') insist()
    return writes.around(`storage ${kind}`, work)
  }
  return new Proxy(storage, {
    get(target, key) {
      const member = Reflect.get(target, key)
      if (key === 'leases') return member && leasesOf(member, insist, write)
      if (typeof member !== 'function') return member
      if (WRITES.has(key)) return async (...args) => write(key, () => member.apply(target, args))
      return (...args) => {
        insist()
        return member.apply(target, args)
      }
    },
  })
}

function leasesOf(leases, insist, write) {
  return {
    async read() {
      insist()
      return leases.read()
    },
    write: async (...args) => write('lease', () => leases.write(...args)),
  }
}
