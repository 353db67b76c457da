import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { obtained } from './cache.js'
import { startOpenSearchOf } from './opensearch-node.js'
import { findJava, Maven, withWork } from './search-java.js'
import { keepClasses } from './search-jvm.js'

const VERSION = '2.19.4'
const ARTIFACT = `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`
const SECURITY = `org.opensearch.plugin:opensearch-security:${VERSION}.0:zip`

/** The folder whose `program` is OpenSearch and `security` its plugin, downloaded the first time: 100 MB. */
export function obtainOpenSearch(): Promise<string> {
  return obtained(`opensearch-${VERSION}`, async (folder) => {
    const java = await findJava()
    await withWork(folder, async (work) => {
      const maven = new Maven(work, java)
      await maven.unpack(ARTIFACT, work)
      renameSync(join(work, `opensearch-${VERSION}`), join(folder, 'program'))
      await maven.unpack(SECURITY, join(folder, 'security'))
    })
    await keepClasses(join(folder, 'program'), (classes) =>
      startOpenSearchOf(folder, { mode: 'basic' }, classes),
    )
  })
}
