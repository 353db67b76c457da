import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** Whom to trust and who we are, in PEM. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The text, parsed where it is JSON: some paths answer with plain words, and HEAD with nothing. */
  readonly value: unknown
}

/** Asks a server over a connection of its own. Rejects with what the connection threw when there is no answer. */
export async function exchange(
  url: URL,
  { method, headers, body, signal, ca, cert, key }: Asked,
): Promise<Answer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const identity = { ...(ca && { ca }), ...(cert && key && { cert, key }) }
  const { status, text } = await new Promise<Omit<Answer, 'value'>>((resolve, reject) => {
    const request = send(url, { ...identity, method, headers, agent: false, ...(signal && { signal }) })
    request.on('error', reject)
    request.on('response', async (response) => {
      try {
        resolve({
          status: response.statusCode!,
          text: (await response.setEncoding('utf8').toArray()).join(''),
        })
      } catch (error) {
        reject(error)
      }
    })
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
  return { status, text, value: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
