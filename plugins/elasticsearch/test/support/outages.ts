import { expect } from 'vitest'
import type { SearchServer } from '../../../../test/servers/search-server.js'

const ORDERLY = /^(up|connect ECONNREFUSED .*|read ECONNRESET|the connection was closed .*)$/

type Ask = (options: object, ms?: number) => Promise<{ reason?: string }>

/** Freezes a server, kills it and stops it: each time it is told in time, and that it is there again. */
export async function expectOutagesToBeTold(server: SearchServer, ask: Ask): Promise<void> {
  await server.pause()
  const began = performance.now()
  expect((await ask({}, 700)).reason).toBe('timeout after 700ms: no answer')
  expect(performance.now() - began).toBeLessThan(3_000)
  server.resume()
  expect(await ask({})).not.toHaveProperty('reason')
  await server.kill()
  expect((await ask({})).reason).toBe(`connect ECONNREFUSED 127.0.0.1:${server.port}`)
  await server.restart()
  expect(await ask({})).not.toHaveProperty('reason')
  expect(await reasonsWhileStopping(server, ask)).toEqual([])
  expect((await ask({})).reason).toBe(`connect ECONNREFUSED 127.0.0.1:${server.port}`)
  await server.restart()
  expect(await ask({})).not.toHaveProperty('reason')
}

/** What it says meanwhile, besides that connections end and are refused. */
async function reasonsWhileStopping(server: SearchServer, ask: Ask): Promise<string[]> {
  const reasons = new Set<string>()
  let isStopped = false
  const stopping = server.stop().then(() => (isStopped = true))
  while (!isStopped) reasons.add((await ask({})).reason ?? 'up')
  await stopping
  return [...reasons].filter((reason) => !ORDERLY.test(reason))
}
