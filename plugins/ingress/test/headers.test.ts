import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Service, secret } from '@uptimeserver/core'
import { quietContext } from '@uptimeserver/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { IngressOptions } from '../src/options.js'
import { selectionFor, serving } from './support/objects.js'

const KEY = 'hunter2'
const LOOPBACK = ['*', '127.0.0.0/8', '::1']

/** Who was asked, and with which key. Names below localhost lead to this machine without a DNS server. */
class Target {
  readonly seen: Record<string, string> = {}
  answer: RequestListener = (_, response) => void response.end()
  readonly #server = createServer((request, response) => this.#take(request, response))

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const host = request.headers.host!.replace(/:\d+$/, '')
    this.seen[`${host}${request.url}`] = String(request.headers.apikey ?? 'no key')
    this.answer(request, response)
  }
}

let target: Target
let other: Target
beforeEach(async () => {
  target = new Target()
  other = new Target()
  await Promise.all([target.listen(), other.listen()])
})
afterEach(() => Promise.all([target.close(), other.close()]))

/** Of all discovered hosts two kinds are left out, and one family of the rest gets the key. */
const example = (): IngressOptions => ({
  allow: LOOPBACK,
  health: (url) => Object.assign(new URL(url), { port: String(target.port) }),
  exclude: (url) => [/\.staging\./, /\/\/legacy-/].some((pattern) => pattern.test(url)),
  headers: (url) => (isOfFamily(url) ? { apikey: secret(KEY) } : undefined),
})

function isOfFamily(url: string): boolean {
  return new URL(url).hostname.endsWith('.shop.localhost')
}

const servicesAt = (hosts: readonly string[], options = example()) =>
  selectionFor(options).select(hosts.map((host) => serving(host, '/', { name: host }))).services

const told = (service: Service) =>
  service.check(quietContext()).then(
    () => 'up',
    ({ message }: Error) => message,
  )

const checked = (services: readonly Service[]) => Promise.all(services.map(told))

describe('a secret header', () => {
  test('arrives at the family it is for, and at nobody else', async () => {
    const hosts = [
      ...['a.shop.localhost', 'b.shop.localhost', 'blog.localhost', 'shop.localhost', 'xshop.localhost'],
      ...['a.staging.shop.localhost', 'legacy-a.shop.localhost', 'a.shop.localhost.elsewhere.localhost'],
    ]
    expect(await checked(servicesAt(hosts))).toEqual(['up', 'up', 'up', 'up', 'up', 'up'])
    expect(target.seen).toEqual({
      'a.shop.localhost/': KEY,
      'b.shop.localhost/': KEY,
      'blog.localhost/': 'no key',
      'shop.localhost/': 'no key',
      'xshop.localhost/': 'no key',
      'a.shop.localhost.elsewhere.localhost/': 'no key',
    })
  })

  test('does not arrive where a path only looks like the family', async () => {
    const paths = ['/a.shop.localhost/', '//a.shop.localhost', '/@a.shop.localhost', '/\\a.shop.localhost']
    const objects = paths.map((path, n) =>
      serving('evil.localhost', path, { name: `evil-${n}` }, 'ImplementationSpecific'),
    )
    const { services } = selectionFor(example()).select(objects)
    expect(await checked(services)).toEqual(['up', 'up', 'up'])
    expect(target.seen).toEqual({
      'evil.localhost/a.shop.localhost/': 'no key',
      'evil.localhost//a.shop.localhost': 'no key',
      'evil.localhost/@a.shop.localhost': 'no key',
    })
  })

  test.each([301, 302, 303, 307, 308])(
    'does not follow a redirect %i to another origin, not even of the family',
    async (status) => {
      const places = {
        '/family': 'b.shop.localhost',
        '/port': 'a.shop.localhost',
        '/stranger': 'blog.localhost',
      }
      target.answer = ({ url = '' }, response) => {
        const host = places[url as keyof typeof places]
        const port = url === '/port' ? other.port : target.port
        if (host) response.writeHead(status, { location: `http://${host}:${port}/arrived` })
        response.end()
      }
      const health = (url: string) => `http://a.shop.localhost:${target.port}${new URL(url).pathname}`
      const objects = Object.keys(places).map((path) =>
        serving('a.shop.localhost', path, { name: path.slice(1) }),
      )
      expect(await checked(selectionFor({ ...example(), health }).select(objects).services)).toEqual([
        'up',
        'up',
        'up',
      ])
      expect(target.seen).toEqual({
        ...{ 'a.shop.localhost/family': KEY, 'a.shop.localhost/port': KEY, 'a.shop.localhost/stranger': KEY },
        ...{ 'b.shop.localhost/arrived': 'no key', 'blog.localhost/arrived': 'no key' },
      })
      expect(other.seen).toEqual({ 'a.shop.localhost/arrived': 'no key' })
    },
  )

  test('follows a redirect within the origin', async () => {
    target.answer = ({ url }, response) =>
      void response.writeHead(url === '/' ? 302 : 200, { location: '/arrived' }).end()
    expect(await checked(servicesAt(['a.shop.localhost']))).toEqual(['up'])
    expect(target.seen).toEqual({ 'a.shop.localhost/': KEY, 'a.shop.localhost/arrived': KEY })
  })

  test('does not arrive at a host of the family whose address may not be reached', async () => {
    for (const allow of [undefined, ['*'], ['*.shop.localhost'], ['10.0.0.0/8']]) {
      const [message] = await checked(servicesAt(['a.shop.localhost'], { ...example(), allow }))
      expect(message).toMatch(
        /^refused to connect: a\.shop\.localhost has the address 127\.0\.0\.1 \(loopback\)/,
      )
    }
    expect(target.seen).toEqual({})
  })

  test('does not arrive where a redirect leads to an address that may not be reached', async () => {
    target.answer = (_, response) =>
      void response.writeHead(302, { location: `http://[::ffff:169.254.169.254]:${other.port}/` }).end()
    const [message] = await checked(servicesAt(['a.shop.localhost']))
    expect(message).toMatch(/^refused to connect: .*169\.254\.169\.254|a9fe:a9fe/)
  })

  test('is in no message, name or label', async () => {
    target.answer = (_, response) => void response.writeHead(500).end()
    const [service] = servicesAt(['a.shop.localhost'])
    const { name, identity, category, labels } = service!
    const shown = JSON.stringify([await told(service!), name, identity, category, labels])
    expect(shown).toContain('500')
    expect(shown).not.toContain(KEY)
  })
})
