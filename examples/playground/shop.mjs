import { createServer } from 'node:http'

/** A small web shop with one good endpoint, one slow one and one that breaks down again and again. */
export function startShop(port = 0) {
  const startedAt = Date.now()
  const server = createServer((request, response) => {
    const page = PAGES[request.url] ?? notFound
    page(response, (Date.now() - startedAt) / 1000)
  })
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}`, server }),
    )
  })
}

const PAGES = {
  '/health': (response) => sendJson(response, 200, { status: 'ok', stock: 42 }),
  '/search': (response) =>
    setTimeout(() => sendJson(response, 200, { results: [] }), 300 + Math.random() * 500),
  '/checkout': (response, seconds) => {
    const isBroken = seconds % 40 > 10 && seconds % 40 < 22
    if (isBroken) sendJson(response, 503, { status: 'payment provider is gone' })
    else sendJson(response, 200, { status: 'ok' })
  },
}

function notFound(response) {
  sendJson(response, 404, { status: 'not found' })
}

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
