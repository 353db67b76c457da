import type { Pem } from './certificates.js'

export interface NginxOptions {
  /** Where requests go: `http://127.0.0.1:9200`. Default: nowhere; then `directives` answer. */
  readonly upstream?: string
  /** What it serves, with a slash at the end; it asks the upstream without it. Anything else is not found. Default `/`. */
  readonly path?: string
  /** Passwords by the users that it lets in. Default: everybody. */
  readonly users?: Readonly<Record<string, string>>
  /** Its certificate and key; with them it speaks TLS. */
  readonly tls?: Pem
  /** The authority, in PEM, of the client certificates without which nobody gets anything but an error. */
  readonly clientCa?: string
  /** What else holds for `path`, in nginx's words: `limit_rate 20`. */
  readonly directives?: readonly string[]
}

/** Its folder's files by their names; they name each other. */
export function nginxFiles(options: NginxOptions, port: number): Readonly<Record<string, string>> {
  const { tls, clientCa, users } = options
  return {
    'nginx.conf': nginxConf(options, port),
    ...(tls && { 'server.crt': tls.cert, 'server.key': tls.key }),
    ...(clientCa && { 'clients.crt': clientCa }),
    ...(users && { users: passwords(users) }),
  }
}

function nginxConf(options: NginxOptions, port: number): string {
  const server = [
    `listen 127.0.0.1:${port}${options.tls ? ' ssl' : ''};`,
    ...identity(options),
    ...locations(options),
  ]
  return `
    daemon off;
    # One process: with workers beside it, kill -9 would leave them.
    master_process off;
    pid ${PID};
    error_log stderr;
    events {}
    http {
      access_log off;
      ${WRITERS.map((name) => `${name}_temp_path tmp-${name};`).join('\n')}
      server {
        ${server.join('\n')}
      }
    }
  `
}

/** Is there as soon as it listens. */
export const PID = 'nginx.pid'

/** What would write to the system's folders otherwise. */
const WRITERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

function identity({ tls, clientCa, users }: NginxOptions): readonly string[] {
  return [
    ...(tls ? ['ssl_certificate server.crt;', 'ssl_certificate_key server.key;', PROTOCOLS] : []),
    ...(clientCa ? ['ssl_verify_client on;', 'ssl_client_certificate clients.crt;'] : []),
    ...(users ? ['auth_basic "test";', 'auth_basic_user_file users;'] : []),
  ]
}

/** Not every version has both by default. */
const PROTOCOLS = 'ssl_protocols TLSv1.2 TLSv1.3;'

function locations({ upstream, path = '/', directives = [] }: NginxOptions): readonly string[] {
  const passing = upstream === undefined ? [] : [`proxy_pass ${upstream}/`]
  const inner = [...passing, ...directives].map((directive) => `${directive};`)
  return [`location ${path} { ${inner.join(' ')} }`, ...(path === '/' ? [] : ['location / { return 404; }'])]
}

function passwords(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([user, password]) => `${user}:{PLAIN}${password}\n`)
    .join('')
}
