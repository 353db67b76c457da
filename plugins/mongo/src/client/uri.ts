const FORM = /^mongodb(\+srv)?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/

export const URI_EXPECTED = `a URI such as 'mongodb://user:password@host:27017/?replicaSet=rs0' or 'mongodb+srv://host'`

/**
 * What is wrong with a MongoDB URI, or `undefined`. Never repeats it: there may be a password in it.
 * https://www.mongodb.com/docs/manual/reference/connection-string/
 */
export function uriProblem(uri: string): string | undefined {
  const parts = FORM.exec(uri)
  if (!parts) return URI_EXPECTED + mendOf(uri)
  const [, isSrv, , hosts = ''] = parts
  const list = hosts.split(',')
  if (isSrv && (list.length > 1 || /:\d+$/.test(hosts))) return 'one host without a port after mongodb+srv://'
  if (list.every(isHost)) return undefined
  return URI_EXPECTED + (mendOf(uri) || '; hosts are names or addresses, with ports from 1 to 65535')
}

/** What is most often wrong where there is a user in it. */
function mendOf(uri: string): string {
  const rest = /^mongodb(?:\+srv)?:\/\/(.*)@/.exec(uri)?.[1]
  return rest && /[@/]|:.*:/.test(rest) ? '; percent-encode @, : and / in user and password' : ''
}

function isHost(host: string): boolean {
  if (/^%2F.+\.sock$/i.test(host)) return true
  const [, name = '', port] = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d+))?$/i.exec(host) ?? []
  return name !== '' && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535))
}

/** The hosts of a URI, as people know them: without credentials and options. */
export function hostsOf(uri: string): string {
  return FORM.exec(uri)?.[3] ?? 'the server'
}

/** The database that a URI names, if it does. */
export function databaseOf(uri: string): string | undefined {
  const name = FORM.exec(uri)?.[4]
  return name ? decodeURIComponent(name) : undefined
}

/** The URI of one member alone, with the credentials and options of the whole. */
export function directUri(uri: string, host: string, authSource: string | undefined): string {
  const [, srv, userinfo, , database = '', query = ''] = FORM.exec(uri) ?? []
  const options = new URLSearchParams(query)
  for (const name of [...options.keys()])
    if (/^(replicaSet|directConnection|loadBalanced|srvMaxHosts|srvServiceName)$/i.test(name))
      options.delete(name)
  options.set('directConnection', 'true')
  if (srv && !/(^|&)(tls|ssl)=/i.test(query)) options.set('tls', 'true')
  if (authSource && userinfo && !/(^|&)authSource=/i.test(query)) options.set('authSource', authSource)
  return `mongodb://${userinfo ? `${userinfo}@` : ''}${host}/${database}?${options}`
}
