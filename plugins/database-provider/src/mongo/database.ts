import type { TlsOptions } from '@uptimeserver/core'
import { type News, raceSignal, SecureContexts } from '@uptimeserver/core/kit'
import type { MongoClientOptions } from 'mongodb'
import type { Database, Session } from '../database.js'
import { loaded } from '../driver.js'
import type { Settings } from '../settings.js'
import { usable } from '../uri.js'
import { problemOf } from './problems.js'
import { closeClient, MongoSession } from './session.js'

/** A MongoDB: one connection to read over, and one for the change stream. */
export function mongoDatabase(settings: Settings): Database {
  return {
    problemOf: (error) => problemOf(error, settings.uri),
    async open(news: News, signal: AbortSignal): Promise<Session> {
      const { MongoClient } = await loaded('mongodb', 'MongoDB', () => import('mongodb'))
      const client = new MongoClient(usable(settings.uri), clientOptions(settings))
      try {
        await raceSignal(client.connect(), signal)
        return new MongoSession(client, settings, news)
      } catch (error) {
        await closeClient(client)
        throw error
      }
    },
  }
}

function clientOptions({ timeout, tls }: Settings): MongoClientOptions {
  return {
    appName: 'uptimeserver',
    maxPoolSize: 2,
    serverSelectionTimeoutMS: timeout,
    connectTimeoutMS: timeout,
    ...tlsSettings(tls),
  }
}

function tlsSettings(tls: TlsOptions | undefined): MongoClientOptions {
  if (!tls) return {}
  const { servername, insecure } = tls
  return {
    tls: true,
    secureContext: new SecureContexts().get(tls),
    ...(servername && { servername }),
    ...(insecure && { tlsAllowInvalidCertificates: true }),
  }
}
