import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const DAY = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export interface Pem {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** Host names and IP addresses. */
  readonly names?: readonly string[]
  /** Valid from and until, in days from now. */
  readonly from?: number
  readonly until?: number
  /** Of the subject. Kubernetes takes it for the user's group. */
  readonly organization?: string
}

/** A certificate authority of our own, for tests. */
export class Authority {
  readonly #certificate: x509.X509Certificate
  readonly #keys: webcrypto.CryptoKeyPair

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate
    this.#keys = keys
  }

  static async create(name = 'Test Authority'): Promise<Authority> {
    const keys = await generateKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      ...validity({}),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    })
    return new Authority(certificate, keys)
  }

  /** The authority's own certificate, in PEM. */
  get ca(): string {
    return this.#certificate.toString('pem')
  }

  /** A certificate that this authority signs. */
  async issue(options: CertificateOptions = {}): Promise<Pem> {
    const keys = await generateKeys()
    const { names = ['localhost', '127.0.0.1'], organization } = options
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: `0${Math.floor(Math.random() * 1e12)}`,
      subject: `CN=${names[0]}${organization ? `, O=${organization}` : ''}`,
      issuer: this.#certificate.subject,
      ...validity(options),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [alternativeNames(names)],
    })
    return toPem(certificate, keys)
  }
}

/** A certificate that nobody vouches for but itself. */
export async function selfSigned({
  names = ['localhost', '127.0.0.1'],
  ...options
}: CertificateOptions = {}): Promise<Pem> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '02',
    name: `CN=${names[0]}`,
    ...validity(options),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [alternativeNames(names)],
  })
  return toPem(certificate, keys)
}

function validity({ from = -1, until = 365 }: CertificateOptions) {
  return { notBefore: new Date(Date.now() + from * DAY), notAfter: new Date(Date.now() + until * DAY) }
}

function alternativeNames(names: readonly string[]): x509.SubjectAlternativeNameExtension {
  const isAddress = (name: string) => /^[\d.]+$/.test(name) || name.includes(':')
  return new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })),
  )
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function toPem(
  certificate: x509.X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<Pem> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey as never)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`
  return { cert: certificate.toString('pem'), key }
}
