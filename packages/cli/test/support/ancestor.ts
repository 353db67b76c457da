import { type Db, MongoClient, ObjectId } from 'mongodb'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type Unit = 'daily' | 'weekly' | 'monthly'

/** Writes a database as python-uptimeserver does: its collections, its keys, seconds with a fraction, 0 for what is open. */
export class AncestorDatabase implements AsyncDisposable {
  readonly #client: MongoClient
  readonly db: Db
  #count = 0

  static async create(url: string, name: string): Promise<AncestorDatabase> {
    const client = await new MongoClient(url).connect()
    return new AncestorDatabase(client, client.db(name))
  }

  private constructor(client: MongoClient, db: Db) {
    this.#client = client
    this.db = db
  }

  /** An id as a driver makes it: it begins with the second in which it was made. */
  id(at: number): ObjectId {
    const seconds = Math.floor(at / SECOND)
      .toString(16)
      .padStart(8, '0')
    return new ObjectId(seconds + (++this.#count).toString(16).padStart(16, '0'))
  }

  async service(at: number, kind: string, description: unknown, more: object = {}): Promise<ObjectId> {
    const _id = this.id(at)
    const document = { _id, category: 'infra', kind, description, status: 0, ...more }
    await this.db.collection('uptime').insertOne(document)
    return _id
  }

  /** `end`: ms, `null` while it goes on. */
  async downtime(service: ObjectId, start: number, end: number | null, extra?: object): Promise<ObjectId> {
    const times = { down_start_date: start / SECOND, down_end_date: end === null ? 0 : end / SECOND }
    return this.history(start, { _id_uptime: service, ...times, ...(extra && { extra }) })
  }

  async history(at: number, document: object): Promise<ObjectId> {
    const _id = this.id(at)
    await this.db.collection('uptime_history').insertOne({ _id, ...document })
    return _id
  }

  /** The figure of a period, made when it was over. */
  async figure(unit: Unit, service: ObjectId, start: number, made: number, sla: unknown): Promise<void> {
    const document = { _id: this.id(made), _id_uptime: service, date: start / SECOND, sla }
    await this.db.collection(`${unit}_uptime`).insertOne(document)
  }

  /** What it would have said of a period by then: overlaps are added up, and each downtime is cut to whole seconds. */
  async theirs(service: ObjectId, start: number, length: number): Promise<number> {
    const [from, to] = [start / SECOND, (start + length) / SECOND]
    let down = 0
    for await (const each of this.db.collection('uptime_history').find({ _id_uptime: service })) {
      const { down_start_date: begin, down_end_date: end } = each
      if (typeof begin !== 'number' || typeof end !== 'number') continue
      const touches = begin < to && (end > from || end === 0)
      const taken = Math.min(end === 0 ? to : end, to) - Math.max(begin, from)
      if (touches && taken > 0) down += Math.trunc(taken)
    }
    return 100 - (Math.min(down, to - from) * 100) / (to - from)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
  }
}
