import type { Progress } from './progress.js'

/** One request. */
export interface Request {
  readonly url: URL
  readonly method: string
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  readonly body: string | undefined
  /** Bytes of the body that are read at most. */
  readonly maxBody: number
  /** Whether the body is kept; otherwise it is only counted. */
  readonly keepBody: boolean
  /** Whether the certificate's expiry is asked for. */
  readonly wantCertificate: boolean
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface Reply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer | undefined
  /** The body is longer than what was read of it. */
  readonly truncated: boolean
  /** Days until the certificate expires, when asked for and there is one. */
  readonly certificateDays: number | undefined
}

/** The seam between the ways to talk HTTP: a new connection each time, or one that is kept. */
export interface Exchange {
  send(request: Request): Promise<Reply>
  close(): Promise<void>
}

/** Takes a body as it comes, up to a cap. */
export class BodyReader {
  readonly #chunks: Buffer[] = []
  readonly #request: Request
  size = 0

  constructor(request: Request) {
    this.#request = request
  }

  /** Returns whether more is wanted. */
  take(chunk: Buffer): boolean {
    const { maxBody, keepBody, progress } = this.#request
    const left = maxBody - this.size
    this.size += chunk.length
    if (keepBody && left > 0) this.#chunks.push(chunk.length > left ? chunk.subarray(0, left) : chunk)
    progress.phase = { bytes: this.size }
    return this.size <= maxBody
  }

  get truncated(): boolean {
    return this.size > this.#request.maxBody
  }

  get body(): Buffer | undefined {
    return this.#request.keepBody ? Buffer.concat(this.#chunks) : undefined
  }
}
