import type { SearchPlace } from './search-place.js'
import type { SearchMode, Settings } from './search-server.js'
import { HASHES } from './search-users.js'

const SECURITY = {
  'xpack.license.self_generated.type': 'trial',
  'xpack.security.enabled': true,
  'xpack.security.autoconfiguration.enabled': false,
  'xpack.security.enrollment.enabled': false,
  'xpack.security.authc.token.enabled': true,
  'xpack.security.authc.api_key.enabled': true,
  'xpack.security.authc.realms.file.file1.order': 0,
  'xpack.security.authc.realms.native.native1.order': 1,
}

const TLS = {
  'xpack.security.http.ssl.enabled': true,
  'xpack.security.http.ssl.certificate': 'certs/server.crt',
  'xpack.security.http.ssl.key': 'certs/server.key',
  'xpack.security.http.ssl.certificate_authorities': 'certs/ca.crt',
  'xpack.security.authc.realms.pki.pki1.order': 2,
  'xpack.security.authc.realms.pki.pki1.certificate_authorities': 'certs/ca.crt',
}

/** It answers at once, and does not wait for a master first. */
export const MASTERLESS = {
  'discovery.type': 'multi-node',
  'discovery.initial_state_timeout': '0s',
  'cluster.initial_master_nodes': 'test,absent',
}

export function elasticsearchSettings(place: SearchPlace, mode: SearchMode, port: number): Settings {
  const isTls = mode === 'tls' || mode === 'mtls'
  const clients = mode === 'mtls' ? 'required' : 'optional'
  return {
    ...{ 'path.home': place.program, 'path.data': place.data, 'path.logs': place.logs },
    ...{ 'cluster.name': 'test', 'node.name': 'test', 'discovery.type': 'single-node' },
    ...{ 'network.host': '127.0.0.1', 'http.port': port, 'transport.port': 0 },
    // A disk that is nearly full is no affair of the tests.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...(mode === 'none' ? { 'xpack.security.enabled': false } : SECURITY),
    ...(isTls && { ...TLS, 'xpack.security.http.ssl.client_authentication': clients }),
  }
}

/** Its users with their roles, by password or certificate. */
export function writeUsers(place: SearchPlace): void {
  const users = Object.entries(HASHES).map(([user, hash]) => `${user}:${hash}\n`)
  place.write('users', users.join(''))
  place.write('users_roles', 'superuser:admin\nmonitor_only:monitor\n')
  place.write('roles.yml', JSON.stringify({ monitor_only: { cluster: ['monitor'] } }))
  place.write('role_mapping.yml', JSON.stringify({ superuser: ['CN=admin'], monitor_only: ['CN=monitor'] }))
}

/**
 * What the server reads from its input at first, in its binary form. Its launcher would write it there, and be another Java
 * that stays.
 */
export function serverArguments(settings: Settings, conf: string): Buffer {
  const entries = Object.entries(settings)
  return Buffer.concat([
    // As a daemon it does not end when its input ends. Not quiet, no pid file.
    Buffer.from([1, 0, 0]),
    // A keystore of format 4: no password, no bytes, no entries, not closed.
    text('org.elasticsearch.common.settings.KeyStoreWrapper'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0]),
    length(entries.length),
    // 0 says that the value is a string.
    ...entries.flatMap(([name, value]) => [text(name), Buffer.from([0]), text(String(value))]),
    text(conf),
  ])
}

function text(value: string): Buffer {
  return Buffer.concat([length(value.length), Buffer.from(value)])
}

/** Seven bits in a byte, the lowest first, and a bit that says whether there are more. */
function length(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 127) | 128]), length(value >> 7)])
}
