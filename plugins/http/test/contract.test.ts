import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { serviceContract } from '@uptimeserver/testing'
import { test } from 'vitest'
import { serve } from './support/servers.js'

for (const connection of ['new', 'reuse'] as const) {
  serviceContract(
    (name, body) => test(`${connection} connections: ${name}`, body),
    async () => {
      const server = await serve((request, response) => {
        if (request.url === '/hang') return
        response.writeHead(request.url === '/up' ? 200 : 503).end('hello')
      })
      const { port } = server
      const options = { connection, headers: { apikey: secret('hunter2') } }
      return {
        up: () => http(`http://user:sesame@127.0.0.1:${port}/up`, options),
        down: () => http(`http://user:sesame@127.0.0.1:${port}/down`, options),
        hanging: () => http(`http://127.0.0.1:${port}/hang`, options),
        broken: () => http('ftp://user:sesame@example.com', { ...options, redirects: -1 }),
        secrets: ['hunter2', 'sesame'],
        dispose: () => server[Symbol.asyncDispose](),
      }
    },
  )
}
