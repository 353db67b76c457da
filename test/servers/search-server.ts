import type { Authority, Pem } from './certificates.js'
import type { RealServer, ServerProcess } from './process.js'
import type { SearchCredentials, SearchRequest } from './search-request.js'
import type { USERS } from './search-users.js'

/**
 * Whom it knows. `none`: everybody is welcome. `basic`: users by their password, or a token. `tls`: that over TLS, or by a
 * client certificate. `mtls`: no connection without a client certificate.
 */
export type SearchMode = 'none' | 'basic' | 'tls' | 'mtls'

/** Lists have commas. */
export type Settings = Readonly<Record<string, string | number | boolean>>

export interface SearchOptions {
  /** Default `none`. */
  readonly mode?: SearchMode
  readonly port?: number
  /** What it holds, kept when it ends: a folder that other users can get to. Default: one that goes with it. */
  readonly data?: string
  /** Settings besides the usual ones. */
  readonly settings?: Settings
  /** It waits for another node to elect a master with, which never comes. */
  readonly masterless?: boolean
}

export interface SearchServer extends RealServer {
  readonly mode: SearchMode
  /** The certificate of its authority, in PEM, in the modes `tls` and `mtls`. */
  readonly ca: string | undefined
  readonly authority: Authority | undefined
  /** Whom it knows, unless its mode is `none`. */
  readonly users: typeof USERS
  readonly process: ServerProcess
  /** As the administrator. */
  readonly request: SearchRequest
  /** As somebody else. In mode `mtls` that takes a certificate, too. */
  as(credentials: SearchCredentials): SearchRequest
  /** A client certificate of a user, in the modes `tls` and `mtls`. */
  certificateOf(user: string): Promise<Pem>
  /** A bearer token of a user, unless the mode is `none`. */
  tokenOf(user: keyof typeof USERS): Promise<string>
}
