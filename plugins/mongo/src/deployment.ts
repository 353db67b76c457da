import { reveal, systemClock, within } from '@uptimeserver/core'
import { raceSignal } from '@uptimeserver/core/kit'
import type {
  Document,
  MongoClient,
  MongoClientOptions,
  ServerDescription,
  TopologyDescription,
} from 'mongodb'
import { createClient, hasNoServer } from './client/client.js'
import { serversProblem } from './client/problems.js'
import { directUri, hostsOf } from './client/uri.js'
import type { CheckOptions, ReadPreference } from './options.js'

/** The driver's own limits: short enough to say why before the deadline of a check, which ends everything anyway. */
const LIMITS: MongoClientOptions = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
  maxPoolSize: 2,
  // Whoever answers first will do: what is required of them is ours to judge.
  readPreference: 'nearest',
}
/** How long it is waited for that clients end, in ms. */
const FAREWELL = 1_000

/** The clients of one service: one for the deployment, and one for each member where each is asked for itself. */
export class Deployment {
  readonly #options: CheckOptions
  readonly #members = new Map<string, Promise<MongoClient>>()
  #client: Promise<MongoClient> | undefined
  #topology: TopologyDescription | undefined
  #version: string | undefined

  constructor(options: CheckOptions) {
    this.#options = options
  }

  /** Asks a member that the driver chooses. */
  async command(command: Document, readPreference: ReadPreference, signal: AbortSignal): Promise<Document> {
    const client = await this.#connection()
    return client.db('admin').command(command, { readPreference, signal })
  }

  /** Until somebody of it answers, who says who belongs to it. */
  async connect(signal: AbortSignal): Promise<void> {
    const client = await this.#connection()
    await raceSignal(client.connect(), signal)
  }

  /** A client of one member alone. */
  member(host: string): Promise<MongoClient> {
    const client = this.#members.get(host) ?? this.#createMember(host)
    this.#members.set(host, client)
    return client
  }

  /** Whether its client can never find a server again. */
  get isLost(): boolean {
    return this.#topology !== undefined && hasNoServer(this.#topology)
  }

  /** What the driver knows of those that hold data. */
  servers(): ServerDescription[] {
    return [...(this.#topology?.servers.values() ?? [])].filter(({ type }) => type !== 'RSArbiter')
  }

  /** What is in the way, as far as it is known: of those that are not there, or nothing but that all are silent. */
  trouble(): string {
    const uri = reveal(this.#options.uri)
    const unknown = this.servers().filter(({ type }) => type === 'Unknown')
    if (unknown.length)
      return serversProblem({ servers: new Map(unknown.map((one) => [one.address, one])) }, uri)
    const silent = this.servers().map(({ address }) => address)
    return `no answer from ${silent.join(', ') || hostsOf(uri)}`
  }

  /** Of whoever is asked first. */
  async version(signal: AbortSignal): Promise<string> {
    this.#version ??= (await this.command({ buildInfo: 1 }, 'nearest', signal)).version as string
    return this.#version
  }

  async close(): Promise<void> {
    const clients = [this.#client, ...this.#members.values()]
    const ends = clients.map((client) => client?.then((each) => each.close()).catch(() => undefined))
    await within(systemClock, Promise.all(ends), FAREWELL)
  }

  #connection(): Promise<MongoClient> {
    this.#client ??= this.#create()
    return this.#client
  }

  async #create(): Promise<MongoClient> {
    const client = await createClient(this.#options.uri, this.#options.tls, LIMITS)
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      this.#topology = newDescription
    })
    return client
  }

  async #createMember(host: string): Promise<MongoClient> {
    const { credentials } = (await this.#connection()).options
    const uri = directUri(reveal(this.#options.uri), host, credentials?.source)
    return createClient(uri, this.#options.tls, LIMITS)
  }
}
