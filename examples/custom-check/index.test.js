import { createServer } from 'node:net'
import { test } from 'node:test'
import { serviceContract } from '@uptimeserver/testing'
import { tcp } from './index.js'

// The same promises that the built-in checks keep, here with Node's own test runner.
serviceContract(test, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    up: () => tcp({ name: 'open', port: server.address().port }),
    down: () => tcp({ name: 'closed', port: 1 }),
    hanging: null, // a connection within this machine is made or refused at once
    broken: () => tcp({ name: 'broken', port: 99_999 }),
    dispose: () => server.close(),
  }
})
