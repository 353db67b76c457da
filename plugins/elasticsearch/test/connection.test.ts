import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { secret } from '@uptimeserver/core'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { quietContext } from '@uptimeserver/testing'
import { afterEach, expect, test } from 'vitest'
import { Authority } from '../../../test/servers/certificates.js'

const GREEN = { status: 'green', number_of_nodes: 1, active_shards_percent_as_number: 100 }
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function portOf(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

test.each(['http', 'https'])(
  'a check that ran out of time leaves no connection behind: %s',
  async (scheme) => {
    let connections = 0
    const silent = createServer((socket) => {
      connections++
      socket.on('error', () => undefined).resume()
    })
    const service = elasticsearch({ name: 'silent', hosts: `${scheme}://127.0.0.1:${await portOf(silent)}` })
    for (let i = 0; i < 3; i++)
      await expect(service.check(quietContext(AbortSignal.timeout(100)))).rejects.toThrow('no answer')
    const open = () => new Promise((resolve) => silent.getConnections((_, count) => resolve(count)))
    await expect.poll(open).toBe(0)
    expect(connections).toBe(3)
  },
)

/** A client certificate in files, which can be another's later. */
async function clientOf(authority: Authority) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-client-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const renew = async (name: string) => {
    const issued = await authority.issue({ names: [name] })
    writeFileSync(cert, issued.cert)
    writeFileSync(key, issued.key)
  }
  await renew('old')
  const files = { cert: secret.file(cert), key: secret.file(key) }
  return { auth: { type: 'cert', ca: authority.ca, ...files } as const, renew, folder }
}

test('a client certificate that was renewed in its files is shown from the next check on', async () => {
  const authority = await Authority.create()
  const shown = new Set<unknown>()
  const { ca } = authority
  const server = createHttps({ ...(await authority.issue()), ca, requestCert: true }, (request, response) => {
    shown.add((request.socket as TLSSocket).getPeerCertificate().subject.CN)
    response.end(JSON.stringify(request.url === '/' ? {} : GREEN))
  })
  const { auth, renew } = await clientOf(authority)
  const service = elasticsearch({ name: 'it', hosts: `https://127.0.0.1:${await portOf(server)}`, auth })
  await service.check(quietContext())
  await renew('new')
  await service.check(quietContext())
  expect([...shown]).toEqual(['old', 'new'])
})

test('a client certificate that can no longer be read is said to be so', async () => {
  const { auth, folder } = await clientOf(await Authority.create())
  const service = elasticsearch({ name: 'it', hosts: 'https://127.0.0.1:1', auth })
  rmSync(folder, { recursive: true })
  await expect(service.check(quietContext())).rejects.toThrow(
    /^secret file .*cert\.pem cannot be read: ENOENT/,
  )
})
