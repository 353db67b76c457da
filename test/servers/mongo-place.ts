import { MongoClient } from 'mongodb'
import { startMongo } from './mongo.js'

/** Where tests may make databases: a genuine MongoDB where one is named, or else a server of their own. */
export interface MongoPlace extends AsyncDisposable {
  readonly url: string
  /** To look into the databases beside what is tested. */
  readonly client: MongoClient
  /** The name of a database that is not there yet. */
  freshDatabase(): string
  /** Lets go of one, so that a genuine server is left as it was found. */
  drop(database: string): Promise<void>
}

let count = 0

export async function openMongoPlace(): Promise<MongoPlace> {
  const genuine = process.env.UPTIME_TEST_MONGO_URL
  const server = genuine ? undefined : await startMongo()
  const url = genuine ?? server!.url
  const client = new MongoClient(url)
  const made = new Set<string>()
  const drop = async (database: string) => {
    made.delete(database)
    // Our own server goes with all of its data.
    if (genuine) await client.db(database).dropDatabase()
  }
  return {
    url,
    client,
    freshDatabase() {
      const name = `uptime_test_${process.pid}_${Date.now().toString(36)}_${++count}`
      made.add(name)
      return name
    },
    drop,
    async [Symbol.asyncDispose]() {
      if (genuine) await Promise.all([...made].map(drop))
      await client.close()
      await server?.[Symbol.asyncDispose]()
    },
  }
}
