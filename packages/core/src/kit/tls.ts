import { createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { reveal } from '../secret.js'
import { areCertificates, isPrivateKey } from './pem.js'
import type { TlsOptions } from './tls-options.js'

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
  return wordsFor(code, socket.getPeerCertificate(), host) ?? `the certificate is not trusted (${code})`
}

/** The same of an error that a client threw; `undefined` where it is about no certificate. */
export function tlsProblem(error: unknown, host: string): string | undefined {
  const { code, cert } = error as { code?: string; cert?: PeerCertificate }
  return code === undefined ? undefined : (wordsFor(code, cert, host) ?? alertFor(code))
}

/** What the other side says of our certificate: https://www.rfc-editor.org/rfc/rfc8446#section-6.2 */
function alertFor(code: string): string | undefined {
  const alert = /^ERR_SSL_(?:SSL|TLS)V\d+_ALERT_(.+)$/.exec(code)?.[1]
  if (alert === undefined) return undefined
  return ALERTS[alert] ?? `the server ended the TLS handshake: ${alert.toLowerCase().replaceAll('_', ' ')}`
}

const ALERTS: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'the server wants a client certificate, and there is none',
  CERTIFICATE_EXPIRED: 'the server says that the client certificate has expired',
  CERTIFICATE_REVOKED: 'the server says that the client certificate was revoked',
  CERTIFICATE_UNKNOWN: 'the server does not accept the client certificate',
  BAD_CERTIFICATE: 'the server says that the client certificate is not valid',
  UNKNOWN_CA: 'the server does not know who signed the client certificate',
}

function wordsFor(code: string, certificate: PeerCertificate | undefined, host: string): string | undefined {
  const [describe, plain] = PROBLEMS[code] ?? []
  return certificate && describe ? describe(certificate, host) : plain
}

type Describe = (certificate: PeerCertificate, host: string) => string

const UNTRUSTED_ROOT = 'the certificate chain ends in a self-signed certificate that is not trusted'

/** OpenSSL's verification results, by the names that Node gives them: with the certificate at hand, and without. */
const PROBLEMS: Readonly<Record<string, readonly [Describe, string]>> = {
  CERT_HAS_EXPIRED: [
    ({ valid_to }) => `the certificate expired ${agoOf(valid_to)} (on ${dateOf(valid_to)})`,
    'the certificate has expired',
  ],
  CERT_NOT_YET_VALID: [
    ({ valid_from }) => `the certificate is not valid before ${dateOf(valid_from)}`,
    'the certificate is not valid yet',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [() => 'the certificate is self-signed', 'the certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: [() => UNTRUSTED_ROOT, UNTRUSTED_ROOT],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    ({ issuer }) =>
      `the certificate's issuer (${issuer?.CN ?? 'unnamed'}) is not known; is an intermediate certificate missing?`,
    `the certificate's issuer is not known; is an intermediate certificate missing?`,
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    ({ issuer }) => `the certificate's issuer (${issuer?.CN ?? 'unnamed'}) is not trusted`,
    `the certificate's issuer is not trusted`,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    (certificate, host) => `the certificate is for ${namesOf(certificate)}, not for ${host}`,
    'the certificate is for another name',
  ],
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
