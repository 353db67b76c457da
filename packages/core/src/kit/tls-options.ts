import * as v from 'valibot'
import { isSecret, type Secret } from '../secret.js'
import { areCertificates, isPrivateKey } from './pem.js'
import { secretText } from './secret-text.js'

export interface TlsOptions {
  /** Certificate authorities to trust instead of the well-known ones, in PEM. */
  readonly ca?: string | Secret | undefined
  /** Client certificate and key, in PEM. */
  readonly cert?: string | Secret | undefined
  readonly key?: string | Secret | undefined
  readonly passphrase?: string | Secret | undefined
  /** The name that the certificate must be for, when it is not the host that is connected to. Also sent as SNI. */
  readonly servername?: string | undefined
  /** Accepts any certificate. Default false. */
  readonly insecure?: boolean | undefined
}

const certificates = v.custom<string | Secret>(
  (value) => isSecret(value) || (typeof value === 'string' && areCertificates(value)),
  `certificates in PEM: their text, or secret.file('path')`,
)

const KEY_EXPECTED = `a key in PEM that its passphrase opens: its text, or secret.file('path')`

/** Whether the key can be read, as far as that is known before secrets are revealed. */
const keyIsReadable = ({ key, passphrase }: Pick<TlsOptions, 'key' | 'passphrase'>) =>
  typeof key !== 'string' || isSecret(passphrase) || isPrivateKey(key, passphrase)

/** The schema of {@link TlsOptions}. */
export const tlsOptions = v.pipe(
  v.strictObject({
    ca: v.optional(certificates),
    cert: v.optional(certificates),
    key: v.optional(secretText),
    passphrase: v.optional(secretText),
    servername: v.optional(v.string()),
    insecure: v.optional(v.boolean()),
  }),
  v.forward(v.check(keyIsReadable, KEY_EXPECTED), ['key']),
)
