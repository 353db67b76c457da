import { SecureContexts } from '@uptimeserver/core/kit'
import type { Reply } from '../../src/exchange.js'
import { FreshExchange } from '../../src/fresh.js'
import { Guard, type GuardOptions } from '../../src/guard/guard.js'
import { Names } from '../../src/names.js'
import { Progress } from '../../src/progress.js'
import { ReuseExchange } from '../../src/reuse.js'

export interface Sent extends AsyncDisposable {
  readonly reply: Promise<Reply>
  readonly progress: Progress
}

export interface SendOptions {
  /** DNS servers to ask. */
  readonly servers?: readonly string[]
  readonly signal?: AbortSignal
  readonly headers?: readonly string[]
  readonly guard?: GuardOptions
}

/** Sends one GET past the check, so that nothing is looked at before it is sent. Certificates are not judged. */
export function send(
  connection: 'new' | 'reuse',
  url: string,
  { servers, signal = AbortSignal.timeout(5_000), headers = ['host', 'x'], guard }: SendOptions,
): Sent {
  const tls = { insecure: true }
  const connecting = {
    names: new Names(servers),
    family: undefined,
    tls,
    contexts: new SecureContexts(),
    guard: Guard.from(guard),
  }
  const exchange = connection === 'reuse' ? new ReuseExchange(connecting) : new FreshExchange(connecting)
  const progress = new Progress()
  const request = { method: 'GET', headers, body: undefined, maxBody: 1_000 }
  const wanted = { keepBody: true, wantCertificate: false, progress, signal }
  const reply = exchange.send({ url: new URL(url), ...request, ...wanted })
  return { reply, progress, [Symbol.asyncDispose]: () => exchange.close() }
}
