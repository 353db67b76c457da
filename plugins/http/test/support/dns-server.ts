import { createSocket } from 'node:dgram'
import packet from 'dns-packet'

export interface DnsServer extends AsyncDisposable {
  readonly address: string
  /** What was asked: `A shop.example`. */
  readonly questions: string[]
}

export type Zone = Readonly<Record<string, readonly string[] | 'silent' | 'fail'>>

/** A DNS server that answers from a zone: `'A shop.example': ['10.0.0.1']`; what is not in it does not exist. */
export async function serveDns(zone: Zone, ttl = 60): Promise<DnsServer> {
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const query = packet.decode(message)
    const { type, name } = query.questions![0]!
    questions.push(`${type} ${name}`)
    const found = zone[`${type} ${name}`]
    if (found === 'silent') return
    const exists = Object.keys(zone).some((key) => key.endsWith(` ${name}`))
    const rcode = found === 'fail' ? 2 : exists ? 0 : 3
    const answers = Array.isArray(found) ? found.map((data) => ({ type: type as 'A', name, ttl, data })) : []
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | rcode
    const reply = packet.encode({
      type: 'response',
      id: query.id!,
      flags,
      questions: query.questions!,
      answers,
    })
    socket.send(reply, from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
