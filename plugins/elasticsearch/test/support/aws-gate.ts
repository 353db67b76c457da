import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Keys, parseAuthorization, signatureOf } from './sigv4.js'

/** By so much may a request be older or younger, in ms. */
const SKEW = 300_000

/** Lets requests through to a cluster whose signature is right, and says what AWS says of others. */
export class AwsGate implements AsyncDisposable {
  readonly #keys: Keys
  readonly #service: string
  readonly #target: string
  readonly #now: () => number
  readonly #server = createServer((request, response) => void this.#take(request, response))
  /** Targets of the requests that got through. */
  readonly passed: string[] = []

  static async open(target: string, keys: Keys, { service = 'es', now = Date.now } = {}): Promise<AwsGate> {
    const gate = new AwsGate(target, keys, service, now)
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve))
    return gate
  }

  private constructor(target: string, keys: Keys, service: string, now: () => number) {
    this.#target = target
    this.#keys = keys
    this.#service = service
    this.#now = now
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#refusal(request)
    response.setHeader('content-type', 'application/json')
    if (refusal) return void response.writeHead(403).end(JSON.stringify({ message: refusal }))
    this.passed.push(request.url!)
    const answer = await fetch(this.#target + request.url)
    response.writeHead(answer.status).end(await answer.text())
  }

  #refusal({ method, url, headers }: IncomingMessage): string | undefined {
    const given = parseAuthorization(headers.authorization)
    if (!given) return 'Missing Authentication Token'
    if (
      given.accessKey !== this.#keys.accessKey ||
      headers['x-amz-security-token'] !== this.#keys.sessionToken
    )
      return 'The security token included in the request is invalid.'
    if (given.service !== this.#service)
      return `Credential should be scoped to correct service: '${this.#service}'.`
    const late = this.#lateness(String(headers['x-amz-date']))
    if (late) return late
    const expected = signatureOf({ method: method!, target: url!, headers }, given, this.#keys.secretKey)
    if (expected === given.signature) return undefined
    return 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
  }

  #lateness(date: string): string | undefined {
    const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const behind = this.#now() - Date.parse(iso)
    if (behind > SKEW) return `Signature expired: ${date} is now earlier than ${short(this.#now() - SKEW)}`
    return behind < -SKEW
      ? `Signature not yet current: ${date} is still later than ${short(this.#now() + SKEW)}`
      : undefined
  }
}

function short(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
}
