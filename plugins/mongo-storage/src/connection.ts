import { type OpenOptions, reveal } from '@uptimeserver/core'
import { failure, storageError } from './errors.js'
import type { MongoStorageOptions } from './index.js'
import { inspect, prepare } from './opening.js'
import { Place } from './place.js'
import type { Collections } from './schema.js'

/** One monitor's place in a database. */
export class Connection {
  readonly monitor: string
  readonly #options: MongoStorageOptions
  readonly #uri: string
  readonly #isReadOnly: boolean
  #place: Place | undefined
  /** Under way to a new client, which is made once for all who wait for it. */
  #renewal: Promise<void> | undefined

  static async open(options: MongoStorageOptions, open: OpenOptions): Promise<Connection> {
    const connection = new Connection(options, open)
    try {
      await connection.guard(() => connection.#prepare())
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  private constructor(options: MongoStorageOptions, { monitor, readOnly = false }: OpenOptions) {
    this.#options = options
    this.#uri = reveal(options.uri)
    this.monitor = monitor
    this.#isReadOnly = readOnly
  }

  /** Collections to write to, and to see what was written last. To be asked for anew within each work that is guarded. */
  get writing(): Collections {
    return this.#insistOnPlace().writing
  }

  /** Collections to read from: nothing that could still be undone by an election. */
  get reading(): Collections {
    return this.#insistOnPlace().reading
  }

  /** Work over a client that knows a server, whose errors are told in our words. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#place?.isLost !== false) await this.#renew()
      return await work()
    } catch (error) {
      throw storageError(error, this.#uri)
    }
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isReadOnly) return this.guard(work)
    throw failure('STORAGE_UNWRITABLE', 'it was opened for reading only')
  }

  async close(): Promise<void> {
    await this.#renewal?.catch(() => undefined)
    await this.#place?.close()
  }

  async #renew(): Promise<void> {
    this.#renewal ??= Place.at(this.#uri, this.#options)
      .then((place) => {
        void this.#place?.close()
        this.#place = place
      })
      .finally(() => {
        this.#renewal = undefined
      })
    await this.#renewal
  }

  #insistOnPlace(): Place {
    if (this.#place) return this.#place
    throw failure('STORAGE_FAILED', 'it is not open')
  }

  async #prepare(): Promise<void> {
    await inspect(this.writing)
    if (!this.#isReadOnly) await prepare(this.writing)
  }
}
