import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { __factory__ } from '@uptimeserver/__name__'
import { serviceContract } from '@uptimeserver/testing'
import { test } from 'vitest'

serviceContract(test, async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).write('ready'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address() as AddressInfo
  const target = { name: 'target', host: '127.0.0.1', port: address.port }
  return {
    up: () => __factory__({ ...target, greeting: 'ready' }),
    down: () => __factory__({ ...target, greeting: 'welcome' }),
    hanging: () => __factory__({ ...target, greeting: 'ready, steady, go' }),
    broken: () => __factory__({ ...target, greeting: '', port: 99_999 }),
    dispose: () => server.close(),
  }
})
