import { createServer } from 'node:http'
import { createRunner, http, sqliteStorage } from 'uptimeserver'

// An application of your own, with its own server, its own signals and its own log …
const app = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  if (request.url === '/health') return response.end('{"status":"ok"}')
  response.end(
    JSON.stringify(
      runner.status().map(({ name, status, since }) => ({ name, status, since })),
      null,
      2,
    ),
  )
})
await new Promise((resolve) => app.listen(process.env.PORT ?? 0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${app.address().port}`

// … and a monitor inside of it.
const runner = createRunner({
  storage: sqliteStorage({ path: process.env.DATABASE ?? 'uptime.db' }),
  every: '1s',
  services: [http(`${url}/health`, { name: 'myself' })],
})
runner.on('transition', ({ service, from, to }) => console.log(`${service.name}: ${from} → ${to}`))
await runner.start()
console.log(`status at ${url}/`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await runner.stop()
    app.close()
    app.closeAllConnections()
    console.log('bye')
  })
}
