import { isSecret, reveal, type Secret } from '@uptimeserver/core'
import { secretText } from '@uptimeserver/core/kit'
import * as v from 'valibot'

const FORM = /^(postgres(?:ql)?|mongodb(?:\+srv)?):\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?@]*))?(?:\?(.*))?$/

const EXPECTED = `a URI such as 'postgres://user:password@host:5432/database' or 'mongodb://user:password@host:27017/database'`

/** The schema of a URI, which may be secret: what is wrong with it is told without repeating it. */
export const databaseUri = v.pipe(
  secretText,
  v.custom<string | Secret>(
    (value) => problemOf(value) === undefined,
    ({ input }) => problemOf(input) ?? EXPECTED,
  ),
)

/** One that cannot be had is told as such elsewhere. */
function problemOf(value: unknown): string | undefined {
  if (!isSecret(value)) return uriProblem(String(value))
  return value.problem === undefined ? uriProblem(value.reveal()) : undefined
}

/** What is wrong with a URI, or `undefined`. Never repeats it: there may be a password in it. */
export function uriProblem(uri: string): string | undefined {
  const [, scheme, , hosts = '', database = ''] = FORM.exec(uri) ?? []
  if (scheme === undefined) return EXPECTED + mendOf(uri)
  if (scheme.startsWith('postgres')) return isUrl(uri) ? undefined : `${EXPECTED}, with one host and its port`
  if (hosts === '') return EXPECTED
  return database === '' ? `a URI that names a database: 'mongodb://host:27017/database'` : undefined
}

/** What is most often wrong where there is a user in it. */
function mendOf(uri: string): string {
  const rest = /^\w+(?:\+srv)?:\/\/(.*)@/.exec(uri)?.[1]
  return rest && /[@/?]/.test(rest) ? '; percent-encode @, :, / and ? in user and password' : ''
}

/** As the driver reads it: a host may be missing, for a Unix socket. */
const isUrl = (uri: string) => URL.canParse(uri) || URL.canParse(uri.replace('@/', '@host/'))

/** Which database a URI is for; `undefined` where it cannot be had. */
export function kindOf(uri: string | Secret): 'postgres' | 'mongo' | undefined {
  const text = textOf(uri)
  if (text === undefined) return undefined
  return text.startsWith('postgres') ? 'postgres' : 'mongo'
}

/** Whether the URI of a PostgreSQL itself says how it is reached over TLS. */
export function saysTls(uri: string | Secret): boolean {
  return /^postgres.*[?&](ssl|sslmode|sslcert|sslkey|sslrootcert)=/.test(textOf(uri) ?? '')
}

/** @throws when it is not fit to be used, without repeating it: a secret may have changed since it was looked at */
export function usable(uri: string | Secret): string {
  const text = reveal(uri)
  const problem = uriProblem(text)
  if (problem) throw new Error(`the URI cannot be used: expected ${problem}`)
  return text
}

/** The host that a certificate must be for. */
export function hostOf(uri: string | Secret): string {
  const hosts = FORM.exec(textOf(uri) ?? '')?.[3]
  return hosts?.replace(/:\d+$/, '') || 'the server'
}

function textOf(uri: string | Secret): string | undefined {
  return isSecret(uri) && uri.problem !== undefined ? undefined : reveal(uri)
}
