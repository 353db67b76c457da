import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { obtained } from './cache.js'
import { startElasticsearchOf } from './elasticsearch-node.js'
import { findJava, Maven, withWork } from './search-java.js'
import { keepClasses } from './search-jvm.js'
import { command } from './tools.js'

/** The last one whose distribution for tests answers `GET /`. */
const VERSION = '8.8.2'
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`
const PLUGIN = 'SecurityAnalysis'

/** The folder whose `program` is Elasticsearch, downloaded the first time: 80 MB. */
export function obtainElasticsearch(): Promise<string> {
  return obtained(`elasticsearch-${VERSION}`, async (folder) => {
    const java = await findJava()
    await withWork(folder, async (work) => {
      await new Maven(work, java).unpack(ARTIFACT, work)
      const program = join(work, `elasticsearch-${VERSION}`)
      await addPlugin(java, work, program)
      renameSync(program, join(folder, 'program'))
    })
    await keepClasses(join(folder, 'program'), (classes) =>
      startElasticsearchOf(folder, { mode: 'basic' }, classes),
    )
  })
}

/** Without it there is no index for API keys and tokens. */
async function addPlugin(java: string, work: string, program: string): Promise<void> {
  const source = fileURLToPath(new URL(`elasticsearch/${PLUGIN}.java`, import.meta.url))
  const classes = join(work, 'classes')
  const plugin = join(program, 'plugins', PLUGIN)
  mkdirSync(plugin)
  await command(join(java, 'bin', 'javac'), [
    ...['-nowarn', '-proc:none', '--release', '17'],
    ...['-cp', join(program, 'lib', '*'), '-d', classes, source],
  ])
  await command(join(java, 'bin', 'jar'), ['cf', join(plugin, `${PLUGIN}.jar`), '-C', classes, '.'])
  const description = {
    ...{ name: PLUGIN, classname: PLUGIN, description: PLUGIN, version: '1' },
    ...{ 'java.version': '17', 'elasticsearch.version': VERSION },
  }
  const lines = Object.entries(description).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(plugin, 'plugin-descriptor.properties'), lines.join(''))
}
