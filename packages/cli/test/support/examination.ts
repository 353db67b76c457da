import { expect } from 'vitest'
import { Project } from '../../../../test/support/uptime.js'
import type { Finding } from '../../src/doctor/finding.js'

/** A service that is always well. */
export const SHOP = `{ kind: 'own', name: 'shop', async check() {} }`

/** What `uptime doctor --json` prints. */
export interface Report {
  readonly well: boolean
  readonly config: string | null
  readonly findings: readonly Finding[]
}

/** A project with a config of these members. */
export const config = (members: string, head = '') =>
  new Project({
    'uptime.config.mjs': `
      import { http, sqliteStorage } from 'uptimeserver'
      ${head}
      export default { every: '300ms', ${members} }`,
  })

/** Looks at it, and tells what was found. */
export async function examine(project: Project) {
  const { code, stderr, ...finished } = await project.uptime('doctor', '--json')
  expect(stderr).toBe('')
  const report = finished.json<Report>()
  expect(report.well).toBe(code === 0)
  const about = (check: string) => report.findings.filter((finding) => finding.check === check)
  return { code, about, the: (check: string) => about(check)[0], ...report }
}
