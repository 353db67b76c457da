import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { expect, test } from 'vitest'
import { freePort } from '../../../test/servers/process.js'
import { checked } from './support/check.js'
import { serve } from './support/servers.js'

const SECRETS = /hunter2|sesame|admin/

test('the default name of a service has no user and password, however its URL is written', () => {
  for (const url of [
    'http://admin:hunter2@shop.example/x',
    ' http://admin:hunter2@shop.example/x',
    'http:/admin:hunter2@shop.example/x',
    'http:admin:hunter2@shop.example/x',
    'http:\\\\admin:hunter2@shop.example/x',
    'HTTP://admin:hunter2@shop.example/x',
  ]) {
    expect(http(url).name).toBe('http://shop.example/x')
  }
})

for (const connection of ['new', 'reuse'] as const) {
  const told = async (url: string, options = {}) => {
    const service = http(secret(url), { name: 'hook', connection, ...options })
    return String((await checked(service, '500ms')).message)
  }

  test(`${connection}: redirects of a secret URL are not told, as a server may repeat it in them`, async () => {
    for (const [location, message] of [
      ['/hunter2/again?sesame', 'more than 5 redirects'],
      ['ftp://hunter2.example/sesame', 'redirect refused: only http: and https: are followed'],
      ['http://[hunter2', 'redirect, which is no URL'],
    ] as const) {
      await using server = await serve((_, response) => response.writeHead(302, { location }).end())
      expect(await told(`${server.url}/hunter2?sesame`)).toBe(message)
    }
  })

  test(`${connection}: the other origin that a secret URL's body would go to is not told`, async () => {
    const location = 'http://hunter2.example/sesame'
    await using server = await serve((_, response) => response.writeHead(307, { location }).end())
    expect(await told(server.url, { method: 'POST', body: 'x' })).toBe(
      'redirect 307 refused: it would send the body to another origin',
    )
  })

  test(`${connection}: no failure shows the path, query, user or password of a secret URL`, async () => {
    await using server = await serve((request, response) => {
      if (!request.url!.includes('hang')) response.writeHead(404).end(request.url)
    })
    const rest = 'hunter2/hang?sesame=hunter2#hunter2'
    for (const origin of [
      `http://admin:hunter2@127.0.0.1:${server.port}`,
      `http://admin:hunter2@127.0.0.1:${await freePort()}`,
      `https://admin:hunter2@127.0.0.1:${server.port}`,
      'http://admin:hunter2@uptime-test.invalid',
    ]) {
      const message = await told(`${origin}/${rest}`)
      expect(message).toMatch(/^(timeout|connect|the server|DNS)/)
      expect(message).not.toMatch(SECRETS)
    }
  })

  test(`${connection}: a secret URL that is none is told without it`, async () => {
    expect(await told('admin:hunter2@shop.example')).toBe('the secret URL is no http:// or https:// URL')
  })
}

test('a redirect is told without the user and password in it', async () => {
  for (const location of [
    'ftp://admin:hunter2@a.example/',
    'ftp:/admin:hunter2@a.example/',
    'ftp:admin:hunter2@a.example',
  ]) {
    await using server = await serve((_, response) => response.writeHead(302, { location }).end())
    const { message } = await checked(http(server.url))
    expect(message).toMatch(/^redirect to ftp:.*a\.example/)
    expect(message).not.toMatch(SECRETS)
  }
})
