import { randomUUID } from 'node:crypto'
import { kubernetesLease } from '@uptimeserver/kubernetes'
import { leaseContract } from '@uptimeserver/testing'
import { test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'

const server = forAll(startKubernetes)

leaseContract(
  (name, body) => test(name, body, 60_000),
  () => {
    const place = randomUUID()
    const { kubeconfig } = server()
    return { create: (monitor) => kubernetesLease({ kubeconfig, name: `${place}-${monitor}` }) }
  },
)
