import { raceSignal } from '@uptimeserver/core/kit'
import type { Bell } from '../bell.js'
import type { Database, Session } from '../database.js'
import type { Settings } from '../settings.js'
import { type Connection, connect } from './connection.js'
import { problemOf } from './problems.js'
import { PostgresSession } from './session.js'

/** A PostgreSQL, over one connection at a time. */
export function postgresDatabase(settings: Settings): Database {
  return {
    problemOf: (error) => problemOf(error, settings),
    async open(bell: Bell, signal: AbortSignal): Promise<Session> {
      const connection = await connect(settings, signal)
      const session = new PostgresSession(connection, settings)
      try {
        follow(connection, bell)
        await raceSignal(session.listen(), signal)
        return session
      } catch (error) {
        await session.close()
        throw error
      }
    },
  }
}

function follow({ client }: Connection, bell: Bell): void {
  client.on('notification', bell.ring)
  client.on('error', bell.fail)
  client.on('end', () => bell.fail(new Error('the connection was closed by the other side')))
}
