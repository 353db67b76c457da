import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { Authority } from './certificates.js'
import { MASTERLESS, opensearchSettings, tokenOf, writeSecurity } from './opensearch-settings.js'
import { freePort } from './process.js'
import { findJava } from './search-java.js'
import { jvm } from './search-jvm.js'
import { startNode } from './search-node.js'
import { SearchPlace } from './search-place.js'
import type { SearchOptions, SearchServer } from './search-server.js'

const MAIN = [
  ...['-Dopensearch.distribution.type=zip', '-Dopensearch.bundled_jdk=false'],
  // What it may read are absolute paths; those of its class path are relative.
  '-Djdk.io.permissionsUseCanonicalPath=true',
  ...['-cp', 'lib/*', 'org.opensearch.bootstrap.OpenSearch'],
]

/** Of the program in `folder`. It leaves what classes it has parsed in `classes`. */
export async function startOpenSearchOf(
  folder: string,
  options: SearchOptions,
  classes?: string,
): Promise<SearchServer> {
  const home = await findJava()
  const { mode = 'none', port = await freePort(), data, settings, masterless } = options
  const authority = mode === 'none' ? undefined : await Authority.create()
  const place = new SearchPlace('opensearch', data)
  return startNode({
    ...{ place, mode, port, authority, masterless, tokenOf },
    async prepare() {
      await place.take(join(folder, 'program'))
      place.copyLogging()
      if (authority) await addSecurity(place, folder, authority)
      const all = { ...opensearchSettings(place, mode, port), ...(masterless && MASTERLESS), ...settings }
      const flags = Object.entries(all).map(([name, value]) => `-E${name}=${value}`)
      const paths = [`-Dopensearch.path.home=${place.program}`, `-Dopensearch.path.conf=${place.conf}`]
      return jvm(place, { home, args: [...paths, ...MAIN, ...flags], classes })
    },
  })
}

async function addSecurity(place: SearchPlace, folder: string, authority: Authority): Promise<void> {
  await place.take(join(folder, 'security'), join(place.program, 'plugins', 'opensearch-security'))
  // It wants all of its files; some of them are written anew.
  cpSync(join(folder, 'security', 'config'), join(place.conf, 'opensearch-security'), { recursive: true })
  await place.writeCertificates(authority)
  writeSecurity(place)
}
