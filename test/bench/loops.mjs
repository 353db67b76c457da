// The bare loops: what a check costs when nothing is around it. Each makes one check and resolves when it is over.
import { request } from 'node:http'
import { connect } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { Pool } from 'undici'

const REQUEST = (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
const DEADLINE = 10_000
const CAP = 1_048_576

/** `node:net` and a text: no parser, no deadline, no cap. The floor, and not safe. */
const net =
  ({ http }) =>
  () =>
    new Promise((resolve, reject) => {
      const socket = connect(http, '127.0.0.1')
      socket.on('connect', () => socket.write(REQUEST(`127.0.0.1:${http}`)))
      socket.on('data', () => undefined)
      socket.on('end', () => {
        socket.destroy()
        resolve()
      })
      socket.on('error', reject)
    })

/** `node:http` without an agent, with what makes it safe: a deadline over all, and a cap on the body. */
const nodeHttp =
  ({ http }) =>
  () =>
    new Promise((resolve, reject) => {
      const client = request({ host: '127.0.0.1', port: http, path: '/health', agent: false })
      const timer = setTimeout(() => client.destroy(new Error('timeout')), DEADLINE)
      client.on('error', reject)
      client.on('response', (response) => {
        let size = 0
        response.on('data', (chunk) => {
          size += chunk.length
          if (size > CAP) client.destroy()
        })
        response.on('end', () => {
          clearTimeout(timer)
          if (response.statusCode === 200) resolve()
          else reject(new Error(`status ${response.statusCode}`))
        })
      })
      client.end()
    })

/** `tls.connect` with one shared context that verifies the certificate. */
const tls = ({ https, ca }) => {
  const secureContext = createSecureContext({ ca })
  return () =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port: https, secureContext })
      socket.on('secureConnect', () => socket.write(REQUEST(`127.0.0.1:${https}`)))
      socket.on('data', () => undefined)
      socket.on('end', () => {
        socket.destroy()
        resolve()
      })
      socket.on('error', reject)
    })
}

/** An undici Pool per service, one kept connection each, with a deadline. */
const pool = ({ kept, services }) => {
  const pools = Array.from(
    { length: services },
    () => new Pool(`http://127.0.0.1:${kept}`, { connections: 1, keepAliveTimeout: 600_000 }),
  )
  return async (index) => {
    const { statusCode, body } = await pools[index % services].request({
      path: '/health',
      method: 'GET',
      headersTimeout: DEADLINE,
      bodyTimeout: DEADLINE,
    })
    await body.dump()
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  }
}

/** By the names that the rows use. */
export const loops = { net, nodeHttp, tls, pool }
