import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Authority, type Pem } from './certificates.js'
import type { Credentials } from './kubernetes-api.js'

/** What a cluster knows its clients by, and they it. */
export interface Identities {
  readonly authority: Authority
  readonly admin: Pem
  /** In PEM. What signs the tokens of service accounts (RS256). */
  readonly serviceAccountKey: string
}

/** Makes them, in files for the server. Certificates are new each time; tokens outlive a start on the same data. */
export async function createIdentities(folder: string): Promise<Identities> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const authority = await Authority.create('test-ca')
  const server = await authority.issue({ names: ['localhost', '127.0.0.1', '::1'] })
  write('ca.crt', authority.ca)
  write('apiserver.crt', server.cert)
  write('apiserver.key', server.key)
  if (!existsSync(join(folder, 'sa.key'))) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    write('sa.pub', publicKey)
    write('sa.key', privateKey)
  }
  return {
    authority,
    admin: await authority.issue({ names: ['admin'], organization: 'system:masters' }),
    serviceAccountKey: readFileSync(join(folder, 'sa.key'), 'utf8'),
  }
}

export interface KubeconfigOptions extends Credentials {
  /** The user's name in the file. */
  readonly user?: string
  /** Another URL, as that of a proxy. */
  readonly server?: string
  readonly namespace?: string
  /** Whether the server's certificate is not looked at. */
  readonly insecure?: boolean
}

/** A kubeconfig file of one user. It is JSON, which is YAML. */
export function kubeconfig(ca: string, options: KubeconfigOptions & { readonly server: string }): string {
  const { user = 'user', server, namespace, insecure, token, cert, key } = options
  const trust = insecure ? { 'insecure-skip-tls-verify': true } : { 'certificate-authority-data': base64(ca) }
  const context = { cluster: 'test', user, ...(namespace && { namespace }) }
  const identity = {
    ...(token !== undefined && { token }),
    ...(cert && { 'client-certificate-data': base64(cert) }),
    ...(key && { 'client-key-data': base64(key) }),
  }
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config' },
    clusters: [{ name: 'test', cluster: { server, ...trust } }],
    users: [{ name: user, user: identity }],
    contexts: [{ name: `${user}@test`, context }],
    'current-context': `${user}@test`,
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
