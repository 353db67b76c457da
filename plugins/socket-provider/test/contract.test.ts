import { http } from '@uptimeserver/http'
import { socketProvider } from '@uptimeserver/socket-provider'
import { providerContract } from '@uptimeserver/testing'
import { describe, expect, test } from 'vitest'
import { ask, Discovering, Place } from './support/socket.js'

describe('it keeps the promises of providers', () => {
  providerContract(test, async () => {
    const place = new Place()
    const create = () => socketProvider({ path: place.socket, types: { http } })
    const running = await Discovering.of(create())
    const { ok } = await ask(place.socket, {
      op: 'put',
      services: [
        { type: 'http', url: 'https://shop.example.com/health', name: 'shop' },
        { type: 'heartbeat', name: 'backup', deadline: '1d' },
      ],
    })
    expect(ok).toBe(true)
    await running.stop()
    return { create, dispose: () => place[Symbol.dispose]() }
  })
})

test('wrong options are told, all at once', () => {
  const wrong = {
    path: `/tmp/${'x'.repeat(100)}`,
    types: { heartbeat: http },
    limits: { line: 10, connections: 0, services: 1.5, idle: '1ms' },
    sock: true,
  }
  const { problems = [] } = socketProvider(wrong as never)
  expect(problems.map(({ path }) => path).sort()).toEqual(
    ['limits.connections', 'limits.idle', 'limits.line', 'limits.services', 'path', 'sock', 'types'].sort(),
  )
})

test('it says where its socket is, and what entries may be of', () => {
  const provider = socketProvider({ path: 'run/uptime.sock', types: { http } })
  expect(provider.name).toBe('socket-provider')
  expect(provider.socket).toBe('run/uptime.sock')
  expect(Object.keys(provider.types ?? {})).toEqual(['http', 'heartbeat'])
})
