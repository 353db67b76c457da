// What is checked, in a process of its own, so that its sockets are not counted: as the time goes, each path answers, answers
// wrongly, breaks the connection off, or never answers; and a port is open or closed.
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'

const factor = Number(process.argv[2])
/** What each kind of service does when it is not well, a sixth of the time: ten minutes of every hour. */
const FAULTS = {
  '/well': (_, response) => response.end('ok'),
  '/wrong': (_, response) => response.writeHead(503).end(),
  '/broken': (request) => request.socket.destroy(),
  '/silent': () => undefined,
}

/** Another moment of the hour for each. */
function isWell(place) {
  return Math.floor((performance.now() * factor) / 600_000 + place) % 6 !== 0
}

const web = createHttpServer((request, response) => {
  const [, kind, place] = request.url.match(/^(\/[a-z]+)\/(\d+)$/)
  if (isWell(Number(place))) response.end('ok')
  else FAULTS[kind](request, response)
})
const port = createServer((socket) => socket.on('error', () => undefined).end('hello\n'))
const listen = (server, at = 0) =>
  new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve(server.address().port)))

const ports = { web: await listen(web), port: await listen(port) }
const openOrClosed = () => {
  if (isWell(0) === port.listening) return
  if (port.listening) port.close()
  else port.listen(ports.port, '127.0.0.1')
}
setInterval(openOrClosed, Math.max(10, 10_000 / factor))
process.on('disconnect', () => process.exit())
process.send(ports)
