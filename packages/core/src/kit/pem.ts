import { createPrivateKey, X509Certificate } from 'node:crypto'

const CERTIFICATES = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]+-----END \1-----/g

/** Whether a text holds certificates in PEM, one at least, and all of them can be read. */
export function areCertificates(text: string): boolean {
  const found = text.match(CERTIFICATES)
  return found?.every((pem) => succeeds(() => new X509Certificate(pem))) ?? false
}

/** Whether a text holds a private key in PEM that can be read, with its passphrase when there is one. */
export function isPrivateKey(key: string, passphrase?: string): boolean {
  return succeeds(() => createPrivateKey(passphrase === undefined ? key : { key, passphrase }))
}

function succeeds(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
