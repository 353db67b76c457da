import { connect, createServer, type Server, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import { type MongoServer, startMongo } from './mongo.js'

export type MemberState = 'primary' | 'secondary' | 'recovering'

/** A server of its own, that says of itself what it is told to. */
export interface SetMember extends MongoServer {
  /** Where it is reached as a member. */
  readonly address: string
  state: MemberState
  /** How far behind the primary it says it is, in ms. */
  lagMs: number
}

export interface MongoSet extends AsyncDisposable {
  readonly url: string
  readonly members: readonly SetMember[]
}

/**
 * Three servers that each say they are a member of one replica set. The servers, their answers, their ends and their silence are
 * real. Who is primary and how far the others are behind is what they are told to say: nothing is replicated, nobody elects.
 */
export async function startMongoSet(): Promise<MongoSet> {
  const members: readonly SetMember[] = await Promise.all([0, 1, 2].map(() => startMember(() => members)))
  members[0]!.state = 'primary'
  return {
    members,
    url: `mongodb://${members.map(({ address }) => address).join(',')}/?replicaSet=rs0`,
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member[Symbol.asyncDispose]()))
    },
  }
}

async function startMember(all: () => readonly SetMember[]): Promise<SetMember> {
  const server = await startMongo()
  const front = createServer((socket) => join(socket, server.port, (hello) => asMember(hello, member, all())))
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const { port } = front.address() as { port: number }
  const own = { address: `127.0.0.1:${port}`, state: 'secondary' as MemberState, lagMs: 0 }
  const member: SetMember = Object.assign(Object.create(server), own, {
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server[Symbol.asyncDispose](), closed(front)])
    },
  })
  return member
}

type Hello = Record<string, unknown>

function asMember(hello: Hello, { state, address, lagMs }: SetMember, all: readonly SetMember[]): Hello {
  // With it the driver would wait for news, which never come.
  const { topologyVersion: _, electionId: __, ...rest } = hello
  const primary = all.find((member) => member.state === 'primary')?.address
  const isPrimary = state === 'primary'
  return {
    ...rest,
    ...{ ismaster: isPrimary, isWritablePrimary: isPrimary, secondary: state === 'secondary' },
    ...{ setName: 'rs0', setVersion: 1, me: address, hosts: all.map((member) => member.address) },
    ...(primary && { primary }),
    lastWrite: { lastWriteDate: new Date(1_700_000_000_000 - lagMs) },
  }
}

function join(client: Socket, port: number, rewrite: (hello: Hello) => Hello): void {
  const server = connect(port, '127.0.0.1')
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
  client.pipe(server)
  let waiting = Buffer.alloc(0)
  server.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk as Buffer])
    while (waiting.length >= 4 && waiting.length >= waiting.readInt32LE(0)) {
      const length = waiting.readInt32LE(0)
      client.write(rewritten(waiting.subarray(0, length), rewrite))
      waiting = waiting.subarray(length)
    }
  })
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/: OP_REPLY, and OP_MSG of one section. */
const DOCUMENT_AT: Readonly<Record<number, number>> = { 1: 36, 2013: 21 }

function rewritten(message: Buffer, rewrite: (hello: Hello) => Hello): Buffer {
  const at = DOCUMENT_AT[message.readInt32LE(12)]
  if (at === undefined || message.length > 16_384) return message
  const document = BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)))
  if (!('maxWireVersion' in document)) return message
  const head = Buffer.from(message.subarray(0, at))
  const body = BSON.serialize(rewrite(document))
  head.writeInt32LE(head.length + body.length, 0)
  return Buffer.concat([head, body])
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
