import { gzipSync } from 'node:zlib'
import { http } from '@uptimeserver/http'
import { expect, test } from 'vitest'
import { freePort } from '../../../test/servers/process.js'
import { checked } from './support/check.js'
import { serveDns } from './support/dns-server.js'
import { send } from './support/send.js'
import { blackHole, serve, serveRaw } from './support/servers.js'

const OK = 'HTTP/1.1 200 OK\r\n'

for (const connection of ['new', 'reuse'] as const) {
  const check = (url: string, options = {}, timeout?: `${number}ms` | `${number}s`) =>
    checked(http(url, { name: 'target', connection, ...options }), timeout)

  test(`${connection}: refused`, async () => {
    const port = await freePort()
    expect(await check(`http://127.0.0.1:${port}/`)).toMatchObject({
      status: 'down',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    })
  })

  test(`${connection}: reset`, async () => {
    await using server = await serveRaw((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const { status, message } = await check(server.url)
    expect(status).toBe('down')
    expect(message).toMatch(/ECONNRESET|closed before the response was complete/)
  })

  test(`${connection}: accepted and silent ends at the deadline`, async () => {
    await using server = await serveRaw(() => undefined)
    const result = await check(server.url, {}, '300ms')
    expect(result.message).toBe('timeout after 300ms while waiting for the response headers')
    expect(result.took).toBeLessThan(1_500)
  })

  test(`${connection}: one byte a second ends at the deadline`, async () => {
    await using server = await serveRaw((socket) => {
      const text = `${OK}content-length: 50\r\n\r\n${'x'.repeat(50)}`
      let at = 0
      const timer = setInterval(() => socket.write(text[at++] ?? 'x'), 100)
      socket.on('close', () => clearInterval(timer))
    })
    const result = await check(server.url, {}, '700ms')
    expect(result.message).toBe('timeout after 700ms while waiting for the response headers')
    expect(result.took).toBeLessThan(2_000)
  })

  test(`${connection}: headers and then silence ends at the deadline`, async () => {
    await using server = await serveRaw((socket) =>
      socket.write(`${OK}content-length: 100\r\n\r\n${'x'.repeat(37)}`),
    )
    const result = await check(server.url, {}, '300ms')
    expect(result.message).toBe('timeout after 300ms while reading the body (37 bytes so far)')
    expect(result.detail).toMatchObject({ status: 200 })
  })

  test(`${connection}: an endless body is read up to the cap, in bounded memory`, async () => {
    let written = 0
    await using server = await serve((_, response) => {
      const chunk = Buffer.alloc(65_536, 'x')
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
      }
      response.on('drain', pump)
      pump()
    })
    const before = process.memoryUsage().rss
    expect(await check(server.url)).toMatchObject({ status: 'up' })
    expect(await check(server.url, { expect: { body: { contains: 'needle' } } })).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/^body does not contain "needle" within its first 1048576 bytes: "xxx/),
    })
    expect(
      await check(server.url, { maxBody: 1_000, expect: { body: { json: { '$.a': 1 } } } }),
    ).toMatchObject({
      message: 'the body is longer than 1000 bytes and cannot be read as JSON; raise maxBody',
    })
    expect(written).toBeLessThan(50e6)
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6)
  })

  test(`${connection}: a gzip bomb is not unpacked beyond the cap`, async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1_048_576))
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    const before = process.memoryUsage().rss
    const result = await check(server.url, { expect: { body: { contains: 'needle' } } })
    expect(result.message).toMatch(/^body does not contain "needle" within its first 1048576 bytes: /)
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
  })

  test(`${connection}: a megabyte of headers is refused`, async () => {
    await using server = await serveRaw((socket) => {
      socket.on('data', () => socket.end(`${OK}x-long: ${'x'.repeat(1_048_576)}\r\n\r\n`))
    })
    const { message } = await check(server.url)
    expect(message).toBe('the response headers are longer than 16 KiB')
  })

  test(`${connection}: many headers are refused, too`, async () => {
    await using server = await serveRaw((socket) => {
      const headers = Array.from({ length: 50_000 }, (_, index) => `x-${index}: y\r\n`).join('')
      socket.on('data', () => socket.end(`${OK}${headers}\r\n`))
    })
    expect((await check(server.url)).message).toBe('the response headers are longer than 16 KiB')
  })

  test(`${connection}: what is no HTTP is told`, async () => {
    await using server = await serveRaw((socket) => socket.end('220 mail.example.com ESMTP\r\n'))
    const { status, message } = await check(server.url)
    expect(status).toBe('down')
    expect(message).toMatch(/^the response is no HTTP \(/)
  })

  test(`${connection}: closed without a word`, async () => {
    await using server = await serveRaw((socket) => socket.on('data', () => socket.end()))
    expect((await check(server.url)).message).toBe(
      'the connection was closed before the response was complete',
    )
  })

  test(`${connection}: closed in the middle of the body`, async () => {
    await using server = await serveRaw((socket) =>
      socket.on('data', () => socket.end(`${OK}content-length: 100\r\n\r\nhalf`)),
    )
    expect((await check(server.url)).message).toBe(
      'the connection was closed before the response was complete',
    )
  })

  test(`${connection}: a chunked body that never ends its chunk`, async () => {
    await using server = await serveRaw((socket) =>
      socket.on('data', () => socket.write(`${OK}transfer-encoding: chunked\r\n\r\nff\r\nabc`)),
    )
    expect((await check(server.url, {}, '300ms')).message).toMatch(
      /^timeout after 300ms while reading the body/,
    )
  })

  test(`${connection}: a name that does not exist`, async () => {
    const result = await check('http://uptime-test.invalid/')
    expect(result.message).toBe('DNS: uptime-test.invalid does not exist')
  })

  test(`${connection}: an answer with an upgrade nobody asked for ends`, async () => {
    await using server = await serveRaw((socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      ),
    )
    expect((await check(server.url, {}, '1s')).status).toBe('down')
  })

  test(`${connection}: control characters in an answer do not reach the terminal`, async () => {
    await using server = await serve((_, response) => response.end('\u001b[2J\u0007evil'))
    const { message } = await check(server.url, { expect: { body: { contains: 'good' } } })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  test(`${connection}: after a failure nothing stays open`, async () => {
    await using server = await serveRaw((socket) => socket.resume())
    await check(server.url, {}, '100ms')
    await expect.poll(() => server.open).toBe(0)
  })

  test(`${connection}: a connection that hangs ends at the deadline and names the address`, async (context) => {
    if (process.platform !== 'linux') context.skip('needs Linux, whose full queues stay silent')
    await using hole = await blackHole()
    const result = await check(`http://127.0.0.1:${hole.port}/`, {}, '400ms')
    expect(result.message).toBe(`timeout after 400ms while connecting to 127.0.0.1:${hole.port}`)
    expect(result.took).toBeLessThan(2_000)
  })

  test(`${connection}: a handshake that hangs ends at the deadline, and its connection with it`, async () => {
    await using server = await serveRaw((socket) => socket.resume())
    const result = await check(`https://127.0.0.1:${server.port}`, {}, '300ms')
    expect(result.message).toBe('timeout after 300ms while in the TLS handshake')
    expect(result.took).toBeLessThan(2_000)
    await expect.poll(() => server.open).toBe(0)
  })

  test(`${connection}: a name server that is silent ends at the deadline`, async () => {
    await using dns = await serveDns({ 'A shop.example': 'silent', 'AAAA shop.example': 'silent' })
    const signal = AbortSignal.timeout(300)
    const started = performance.now()
    await using sent = send(connection, 'http://shop.example/', { servers: [dns.address], signal })
    await expect(sent.reply).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(sent.progress.describe()).toBe('resolving shop.example')
    expect(performance.now() - started).toBeLessThan(1_500)
  })

  test(`${connection}: a deadline that is over already connects to nobody`, async () => {
    await using server = await serve((_, response) => response.end())
    const signal = AbortSignal.abort(new Error('too late'))
    await using sent = send(connection, server.url, { signal })
    await expect(sent.reply).rejects.toThrow('too late')
    expect(server.connections).toBe(0)
  })

  test(`${connection}: an answer before the whole body was sent ends the connection`, async () => {
    const body = 'x'.repeat(20_000_000)
    const resume: (() => void)[] = []
    let received = 0
    await using server = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.pause().write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
        resume.push(() => socket.on('data', (chunk) => (received += chunk.length)).resume())
      })
    })
    const service = http(server.url, { name: 'target', connection, method: 'POST', body })
    const context = { signal: AbortSignal.timeout(5_000) } as never
    await expect(service.check(context)).rejects.toThrow('status 413, expected 2xx')
    for (const read of resume) read()
    await expect.poll(() => server.open, { timeout: 3_000 }).toBe(0)
    expect(received).toBeLessThan(body.length / 2)
  })

  test(`${connection}: a signal with a reason of its own kind is told by its message`, async () => {
    await using server = await serveRaw(() => undefined)
    const service = http(server.url, { connection })
    for (const [reason, message] of [
      [new DOMException('enough', 'AbortError'), /^enough$/],
      ['over', /^over$/],
      [null, /null/],
    ] as const) {
      const control = new AbortController()
      setTimeout(() => control.abort(reason), 100)
      await expect(service.check({ signal: control.signal } as never)).rejects.toThrow(message)
    }
  })
}
