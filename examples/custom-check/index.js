import { once } from 'node:events'
import { connect } from 'node:net'
import { definePlugin } from '@uptimeserver/core'
import * as v from 'valibot'

/**
 * Up while a TCP port accepts connections.
 *
 * @example tcp({ name: 'database', host: 'db.internal', port: 5432, every: '10s' })
 */
export const tcp = definePlugin({
  kind: 'tcp',
  schema: v.strictObject({
    host: v.optional(v.string(), '127.0.0.1'),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
  }),
  create: ({ host, port }) => ({
    async check({ signal, clock }) {
      const started = clock.monotonic()
      const socket = connect({ host, port })
      try {
        await once(socket, 'connect', { signal })
        return { connectMs: Math.round(clock.monotonic() - started) }
      } finally {
        socket.destroy()
      }
    },
  }),
})
