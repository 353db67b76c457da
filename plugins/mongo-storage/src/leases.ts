import type { Lease, LeaseRecord, LeaseStore } from '@uptimeserver/core'
import { leaseToken, readLeaseToken } from '@uptimeserver/core/kit'
import type { Connection } from './connection.js'
import { keyOf, type LeaseDocument } from './documents.js'
import { isDuplicate } from './errors.js'

/** One document, which is written only over the one that was read. */
export class MongoLeases implements LeaseStore {
  readonly #connection: Connection
  readonly #id: string

  constructor(connection: Connection) {
    this.#connection = connection
    this.#id = keyOf(connection.monitor, 'lease')
  }

  read(): Promise<LeaseRecord | undefined> {
    return this.#connection.guard(async () => {
      const found = await this.#connection.writing.leases.findOne({ _id: this.#id })
      return found ? recordOf(found) : undefined
    })
  }

  write(lease: Lease, token: string | undefined): Promise<string | undefined> {
    return this.#connection.write(() =>
      token === undefined ? this.#make(lease) : this.#replace(lease, token),
    )
  }

  async #make(lease: Lease): Promise<string | undefined> {
    try {
      await this.#connection.writing.leases.insertOne(this.#document(lease, 1))
      return leaseToken(1, lease)
    } catch (error) {
      if (isDuplicate(error)) return undefined
      throw error
    }
  }

  async #replace(lease: Lease, token: string): Promise<string | undefined> {
    const { count, holder } = readLeaseToken(token)
    const document = this.#document(lease, count + 1)
    const { matchedCount } = await this.#connection.writing.leases.replaceOne(
      { _id: this.#id, token: count, holder },
      document,
    )
    return matchedCount ? leaseToken(document.token, lease) : undefined
  }

  #document({ holder, term, acquired, renewed, duration }: Lease, token: number): LeaseDocument {
    const times = { acquired: new Date(acquired), renewed: new Date(renewed) }
    return { _id: this.#id, monitor: this.#connection.monitor, holder, term, ...times, duration, token }
  }
}

function recordOf({ holder, term, acquired, renewed, duration, token }: LeaseDocument): LeaseRecord {
  const lease = { holder, term, acquired: acquired.getTime(), renewed: renewed.getTime(), duration }
  return { lease, token: leaseToken(token, lease) }
}
