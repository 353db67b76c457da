import { connect } from 'node:net'
import { definePlugin } from '@uptimeserver/core'
import * as v from 'valibot'

/** What `__factory__()` takes besides the options of every service. */
export interface __Factory__Options {
  /** A host's name or address. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
  /** How what the server says has to begin: `220`, `SSH-2.0`. */
  readonly greeting: string
}

/**
 * Up while a server greets whoever connects to it as it should.
 *
 * @example
 * __factory__({ name: 'mail', host: 'mail.internal', port: 25, greeting: '220', every: '30s' })
 */
export const __factory__ = definePlugin<__Factory__Options>({
  kind: '__name__',
  schema: v.strictObject({
    host: v.pipe(v.string(), v.nonEmpty()),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
    greeting: v.pipe(v.string(), v.nonEmpty()),
  }),
  create: (options) => ({ check: (context) => expectGreeting(options, context.signal) }),
})

/** Returns: up. Throws: down, and the message is the reason, so it says what came and what was expected. */
async function expectGreeting(options: __Factory__Options, signal: AbortSignal): Promise<void> {
  const { greeting } = options
  let heard = ''
  // Leaving the loop closes the connection, and so does the signal.
  for await (const chunk of connect({ host: options.host, port: options.port, signal }).setEncoding('utf8')) {
    heard += chunk
    if (heard.startsWith(greeting)) return
    if (!greeting.startsWith(heard)) break
  }
  throw new Error(`it says ${JSON.stringify(heard.slice(0, 50))}, expected ${JSON.stringify(greeting)}`)
}
