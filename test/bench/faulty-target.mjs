// What is checked: a server that answers at once, answers wrongly, or never answers, as it was told of each path.
import { createServer } from 'node:net'

const answer = (status, body) =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
const ANSWERS = {
  right: answer('200 OK', 'ok'),
  wrong: answer('503 Service Unavailable', 'no'),
  none: undefined,
}
const told = new Map()

function answerOnce(socket) {
  socket.on('error', () => undefined)
  socket.once('data', (request) => {
    const path = request.toString('latin1', request.indexOf(32) + 1, request.indexOf(32, 4))
    const bytes = ANSWERS[told.get(path) ?? 'right']
    if (bytes) socket.end(bytes)
    else socket.resume()
  })
}

const server = createServer({ noDelay: true }, answerOnce)
await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
process.on('message', (faults) => {
  for (const [path, kind] of faults) told.set(path, kind)
  process.send({ at: Date.now() })
})
process.send({ port: server.address().port })
