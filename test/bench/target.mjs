// What is checked: a server that answers every request at once and does nothing else, in a process of its own.
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

const BODY = 'ok'
const CLOSING = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
)

/** One response per connection, without an HTTP library, to leave the processors to those that are measured. */
function answerOnce(socket) {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.end(CLOSING))
}

const [certificate, key] = process.argv.slice(2)
const servers = {
  http: createServer({ noDelay: true }, answerOnce),
  https: createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answerOnce),
  kept: createHttpServer({ keepAliveTimeout: 600_000 }, (_, response) => response.end(BODY)),
}
const ports = {}
for (const [name, server] of Object.entries(servers)) {
  await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
  ports[name] = server.address().port
}
process.send(ports)
