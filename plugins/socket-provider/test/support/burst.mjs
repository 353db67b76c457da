// A program that floods: node burst.mjs SOCKET, and on stdin one list of requests for each of its connections. It prints
// how many replies said ok, and how many did not.
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

const lists = JSON.parse(await text(process.stdin))
const count = { ok: 0, refused: 0 }
await Promise.all(lists.map(flood))
process.stdout.write(JSON.stringify(count))

async function flood(requests) {
  const socket = createConnection(process.argv[2])
  socket.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''))
  for await (const line of createInterface({ input: socket }))
    count[line.includes('"ok":true') ? 'ok' : 'refused']++
}
