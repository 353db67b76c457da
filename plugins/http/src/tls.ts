import { createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { reveal } from '@uptimeserver/core'
import type { TlsOptions } from './options.js'
import { areCertificates, isPrivateKey } from './pem.js'

const DAY = 86_400_000

let shared: SecureContext | undefined

/**
 * Makes a secure context once, and again when a secret that it is made of has changed. What is wrong with one is told
 * without its text; of a `ca` that holds nothing OpenSSL would say nothing at all.
 */
export class SecureContexts {
  #made: { readonly from: string; readonly context: SecureContext } | undefined

  get(options: TlsOptions | undefined): SecureContext {
    const { ca, cert, key, passphrase } = options ?? {}
    if (!ca && !cert && !key) {
      shared ??= createSecureContext()
      return shared
    }
    const pem = [ca, cert, key, passphrase].map((value) => value && reveal(value))
    const from = pem.join('\n')
    if (this.#made?.from !== from) this.#made = { from, context: makeContext(pem) }
    return this.#made.context
  }
}

function makeContext([ca, cert, key, passphrase]: readonly (string | undefined)[]): SecureContext {
  if (ca && !areCertificates(ca)) throw new Error('tls.ca holds no certificates in PEM that can be read')
  if (cert && !areCertificates(cert)) throw new Error('tls.cert holds no certificate in PEM that can be read')
  if (key && !isPrivateKey(key, passphrase))
    throw new Error('tls.key holds no private key in PEM that can be read with tls.passphrase')
  return createSecureContext({
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(passphrase && { passphrase }),
  })
}

/** Days until the server's certificate expires; negative when it has. `undefined` when there is none. */
export function certificateDays(socket: TLSSocket): number | undefined {
  const { valid_to: validTo } = socket.getPeerCertificate()
  return validTo ? (Date.parse(validTo) - Date.now()) / DAY : undefined
}

/** What is wrong with a server's certificate, in words; Node itself only names a code. */
export function certificateProblem(socket: TLSSocket, host: string): string {
  const code = String(socket.authorizationError)
  const certificate = socket.getPeerCertificate()
  const describe = PROBLEMS[code]
  return describe ? describe(certificate, host) : `the certificate is not trusted (${code})`
}

type Describe = (certificate: PeerCertificate, host: string) => string

/** OpenSSL's verification results, by the names that Node gives them. */
const PROBLEMS: Readonly<Record<string, Describe>> = {
  CERT_HAS_EXPIRED: ({ valid_to }) => `the certificate expired ${agoOf(valid_to)} (on ${dateOf(valid_to)})`,
  CERT_NOT_YET_VALID: ({ valid_from }) => `the certificate is not valid before ${dateOf(valid_from)}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () => 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: () =>
    'the certificate chain ends in a self-signed certificate that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ({ issuer }) =>
    `the certificate's issuer (${issuer?.CN ?? 'unnamed'}) is not known; is an intermediate certificate missing?`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ({ issuer }) =>
    `the certificate's issuer (${issuer?.CN ?? 'unnamed'}) is not trusted`,
  ERR_TLS_CERT_ALTNAME_INVALID: (certificate, host) =>
    `the certificate is for ${namesOf(certificate)}, not for ${host}`,
}

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const names = subjectaltname?.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''))
  return names?.slice(0, 5).join(', ') || String(subject?.CN ?? 'no name')
}

function dateOf(text: string): string {
  return new Date(text).toISOString().slice(0, 10)
}

function agoOf(text: string): string {
  const days = Math.floor((Date.now() - Date.parse(text)) / DAY)
  return days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`
}
