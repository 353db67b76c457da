import { createHash } from 'node:crypto'
import { messageOf, reveal } from '@uptimeserver/core'
import { AwsV4Signer } from 'aws4fetch'
import type { AwsAuth } from './auth.js'

interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const EMPTY = createHash('sha256').update('').digest('hex')

/**
 * Signs requests by AWS's Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export class AwsSigner {
  readonly #auth: AwsAuth
  #chain: Promise<() => Promise<AwsCredentials>> | undefined

  constructor(auth: AwsAuth) {
    this.#auth = auth
  }

  /** The headers of a GET without a body. */
  async sign(url: URL): Promise<Record<string, string>> {
    const { region, service = 'es' } = this.#auth
    // Serverless wants to see what the signature takes the body for.
    const headers = service === 'aoss' ? { 'x-amz-content-sha256': EMPTY } : {}
    const credentials = await this.#credentials()
    const signer = new AwsV4Signer({ url: url.href, method: 'GET', headers, region, service, ...credentials })
    const signed = await signer.sign()
    return Object.fromEntries(signed.headers)
  }

  async #credentials(): Promise<AwsCredentials> {
    const { accessKey, secretKey, sessionToken } = this.#auth
    if (accessKey !== undefined && secretKey !== undefined)
      return {
        accessKeyId: reveal(accessKey),
        secretAccessKey: reveal(secretKey),
        ...(sessionToken !== undefined && { sessionToken: reveal(sessionToken) }),
      }
    this.#chain ??= loadChain()
    try {
      // It keeps them, and renews them before they expire.
      return await (await this.#chain)()
    } catch (error) {
      this.#chain = undefined
      throw new Error(`no AWS credentials: ${messageOf(error)}`)
    }
  }
}

async function loadChain(): Promise<() => Promise<AwsCredentials>> {
  const sdk = await import('@aws-sdk/credential-providers').catch((cause) => {
    throw new Error('add the package @aws-sdk/credential-providers, or give accessKey and secretKey', {
      cause,
    })
  })
  return sdk.fromNodeProviderChain()
}
