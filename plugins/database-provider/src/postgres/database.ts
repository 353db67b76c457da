import { type News, raceSignal } from '@uptimeserver/core/kit'
import type { Database, Session } from '../database.js'
import type { Settings } from '../settings.js'
import { type Connection, connect } from './connection.js'
import { problemOf } from './problems.js'
import { PostgresSession } from './session.js'

/** A PostgreSQL, over one connection at a time. */
export function postgresDatabase(settings: Settings): Database {
  return {
    problemOf: (error) => problemOf(error, settings),
    async open(news: News, signal: AbortSignal): Promise<Session> {
      const connection = await connect(settings, signal)
      const session = new PostgresSession(connection, settings)
      try {
        follow(connection, news)
        await raceSignal(session.listen(), signal)
        return session
      } catch (error) {
        await session.close()
        throw error
      }
    },
  }
}

function follow({ client }: Connection, news: News): void {
  client.on('notification', news.tell)
  client.on('error', news.fail)
  client.on('end', () => news.fail(new Error('the connection was closed by the other side')))
}
