import { createHmac } from 'node:crypto'
import type { SearchPlace } from './search-place.js'
import type { SearchMode, Settings } from './search-server.js'
import { HASHES, type SearchUser } from './search-users.js'

const SECURITY = {
  // Between nodes it is always TLS.
  'plugins.security.ssl.transport.pemcert_filepath': 'certs/server.crt',
  'plugins.security.ssl.transport.pemkey_filepath': 'certs/server.key',
  'plugins.security.ssl.transport.pemtrustedcas_filepath': 'certs/ca.crt',
  'plugins.security.ssl.transport.enforce_hostname_verification': false,
  'plugins.security.nodes_dn': 'CN=localhost',
  'plugins.security.allow_default_init_securityindex': true,
  'plugins.security.restapi.roles_enabled': 'all_access',
  'plugins.security.audit.type': 'noop',
}

const TLS = {
  'plugins.security.ssl.http.enabled': true,
  'plugins.security.ssl.http.pemcert_filepath': 'certs/server.crt',
  'plugins.security.ssl.http.pemkey_filepath': 'certs/server.key',
  'plugins.security.ssl.http.pemtrustedcas_filepath': 'certs/ca.crt',
}

/** It answers at once, and does not wait for a master first. */
export const MASTERLESS = {
  'discovery.type': 'zen',
  'discovery.initial_state_timeout': '0s',
  'cluster.initial_cluster_manager_nodes': 'test,absent',
}

export function opensearchSettings(place: SearchPlace, mode: SearchMode, port: number): Settings {
  const isTls = mode === 'tls' || mode === 'mtls'
  const clients = mode === 'mtls' ? 'REQUIRE' : 'OPTIONAL'
  return {
    ...{ 'path.data': place.data, 'path.logs': place.logs },
    ...{ 'cluster.name': 'test', 'node.name': 'test', 'discovery.type': 'single-node' },
    ...{ 'network.host': '127.0.0.1', 'http.port': port, 'transport.port': 0 },
    // A disk that is nearly full is no affair of the tests.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...(mode !== 'none' && SECURITY),
    ...(isTls && { ...TLS, 'plugins.security.ssl.http.clientauth_mode': clients }),
  }
}

/** Signs tokens, here and there. */
const SIGNING_KEY = Buffer.alloc(32, 'signs tokens of tests')

/** Its users with their roles, by password, token or certificate. */
export function writeSecurity(place: SearchPlace): void {
  const write = (name: string, type: string, content: object) => {
    const file = { _meta: { type, config_version: 2 }, ...content }
    place.write(`opensearch-security/${name}.yml`, JSON.stringify(file))
  }
  const users = Object.entries(HASHES).map(([user, hash]) => [user, { hash }])
  write('internal_users', 'internalusers', Object.fromEntries(users))
  write('roles', 'roles', { monitor_only: { cluster_permissions: ['cluster_monitor'] } })
  write('roles_mapping', 'rolesmapping', {
    all_access: { users: ['admin'] },
    monitor_only: { users: ['monitor'] },
  })
  const http = { anonymous_auth_enabled: false, xff: { enabled: false } }
  const token = { signing_key: SIGNING_KEY.toString('base64'), subject_key: 'sub' }
  const authc = {
    token: domain(0, 'jwt', 'noop', token),
    certificate: domain(1, 'clientcert', 'noop', { username_attribute: 'cn' }),
    password: domain(2, 'basic', 'intern', {}),
  }
  write('config', 'config', { config: { dynamic: { http, authc } } })
}

/** One of the ways to say who one is. The last one asks for a password. */
function domain(order: number, type: string, backend: string, config: object) {
  return {
    ...{ order, http_enabled: true, transport_enabled: false },
    http_authenticator: { type, challenge: type === 'basic', config },
    authentication_backend: { type: backend },
  }
}

/** A JSON Web Token that is good for an hour. */
export async function tokenOf({ username }: SearchUser): Promise<string> {
  const payload = { sub: username, exp: Math.floor(Date.now() / 1_000) + 3_600 }
  const [header, claims] = [{ alg: 'HS256', typ: 'JWT' }, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const signature = createHmac('sha256', SIGNING_KEY).update(`${header}.${claims}`).digest('base64url')
  return `${header}.${claims}.${signature}`
}
