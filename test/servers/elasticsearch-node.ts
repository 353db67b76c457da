import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Authority } from './certificates.js'
import { elasticsearchSettings, MASTERLESS, serverArguments, writeUsers } from './elasticsearch-settings.js'
import { freePort } from './process.js'
import { findJava } from './search-java.js'
import { jvm } from './search-jvm.js'
import { startNode } from './search-node.js'
import { SearchPlace } from './search-place.js'
import type { SearchOptions, SearchServer } from './search-server.js'

const ARGS = [
  ...['-Des.distribution.type=zip', '--add-opens=java.base/java.io=org.elasticsearch.preallocate'],
  ...['--add-modules=jdk.net', '--add-modules=org.elasticsearch.preallocate', '--module-path', 'lib'],
  ...['-m', 'org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch'],
]

/** Of the program in `folder`. It leaves what classes it has parsed in `classes`. */
export async function startElasticsearchOf(
  folder: string,
  options: SearchOptions,
  classes?: string,
): Promise<SearchServer> {
  const home = await findJava()
  const { mode = 'none', port = await freePort(), data, settings, masterless } = options
  const authority = mode === 'none' ? undefined : await Authority.create()
  const place = new SearchPlace('elasticsearch', data)
  const input = join(place.conf, 'arguments')
  return startNode({
    ...{ place, mode, port, authority, masterless },
    async prepare() {
      await place.take(join(folder, 'program'))
      place.copyLogging()
      if (authority) await place.writeCertificates(authority)
      if (authority) writeUsers(place)
      const all = { ...elasticsearchSettings(place, mode, port), ...(masterless && MASTERLESS), ...settings }
      writeFileSync(input, serverArguments(all, place.conf))
      return jvm(place, { home, args: ARGS, input, classes })
    },
    async tokenOf(user, admin) {
      const body = { grant_type: 'password', ...user }
      const { access_token } = await admin<{ access_token: string }>('POST', '/_security/oauth2/token', body)
      return access_token
    },
  })
}
