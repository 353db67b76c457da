import { createServer } from 'node:net'
import { secret } from '@uptimeserver/core'
import { kubernetes } from '@uptimeserver/kubernetes'
import { serviceContract } from '@uptimeserver/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'

const server = forAll(startKubernetes)
const silent = createServer(() => undefined)
beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)))
afterAll(() => void silent.close())

serviceContract(
  (name, body) => test(name, body, 60_000),
  () => {
    const { port } = silent.address() as { port: number }
    const nobody = secret(server().asKubeconfig({ server: `https://127.0.0.1:${port}` }))
    return {
      up: () => kubernetes({ name: 'up', kubeconfig: server().kubeconfig, check: 'ready' }),
      down: () =>
        kubernetes({ name: 'down', kubeconfig: secret(server().asKubeconfig({ token: 'hunter2' })) }),
      hanging: () => kubernetes({ name: 'hanging', kubeconfig: nobody }),
      broken: () => kubernetes({ name: 'broken', availability: 0 }),
      secrets: ['hunter2'],
    }
  },
)
