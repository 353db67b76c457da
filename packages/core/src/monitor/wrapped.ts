import type { Storage } from '../contracts.js'

type Method = (...args: unknown[]) => Promise<unknown>

/** The same storage, with some of its methods made into others. */
export function wrapped(
  storage: Storage,
  methods: ReadonlySet<PropertyKey>,
  make: (method: Method, name: PropertyKey) => Method,
): Storage {
  return new Proxy(storage, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      return methods.has(key) ? make(member.bind(target), key) : member.bind(target)
    },
  })
}
