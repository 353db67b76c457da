import { reveal, type Secret, type TlsOptions } from '@uptimeserver/core'
import { SecureContexts } from '@uptimeserver/core/kit'
import type { MongoClient, MongoClientOptions, TopologyDescription } from 'mongodb'
import { uriProblem } from './uri.js'

/** A client that is not connected yet. Its first command connects it. */
export async function createClient(
  uri: string | Secret,
  tls: TlsOptions | undefined,
  options: MongoClientOptions,
): Promise<MongoClient> {
  // Loading it takes some 160 ms, which a config of other checks need not pay.
  const { MongoClient } = await import('mongodb')
  const text = reveal(uri)
  const problem = uriProblem(text)
  if (problem) throw new Error(`the URI is none: expected ${problem}`)
  return new MongoClient(text, {
    appName: 'uptimeserver',
    // Facts and options come from us, and undefined means absent.
    ignoreUndefined: true,
    ...tlsSettings(tls),
    ...options,
  })
}

/**
 * Whether the driver has given up every server: one that answers as if it were in no set, as while it shuts down or is mended, is
 * dropped for good. Such a client finds none again.
 */
export function hasNoServer(topology: TopologyDescription): boolean {
  return topology.servers.size === 0
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
