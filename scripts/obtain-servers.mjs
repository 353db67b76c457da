// Obtains the servers that take minutes the first time, so that they are there when tests ask for them. scripts/test.mjs
// runs it beside its stages; the tests themselves say what cannot be had.
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createJiti } from 'jiti'
import { root } from './workspace.mjs'

/** In the order in which tests ask for them. */
const SERVERS = [
  ['mongo.ts', 'obtainMongo'],
  // They take seconds; but tests that install packages at the same time would be in each other's way.
  ['nginx.ts', 'obtainNginx'],
  ['postgres.ts', 'obtainPostgres'],
  ['kubernetes-build.ts', 'obtainKubernetes'],
  ['elasticsearch-build.ts', 'obtainElasticsearch'],
  ['opensearch-build.ts', 'obtainOpenSearch'],
]

setPriority(constants.priority.PRIORITY_LOW)

// Whoever started us is gone: all that we have started ends, and again what is started in between. It is in our process
// group. So what is half done is cleaned up; but not for long.
let isEnding = false
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => {
  isEnding = true
  setInterval(() => process.kill(-process.pid, 'SIGTERM'), 100)
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), 5_000)
})

const jiti = createJiti(import.meta.url)
for (const [file, name] of SERVERS) {
  if (isEnding) break
  try {
    const { [name]: obtain } = await jiti.import(join(root, 'test/servers', file))
    await obtain()
  } catch (error) {
    if (!isEnding) console.error(error)
  }
}
process.exit()
