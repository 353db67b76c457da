import { Project } from '../../../../test/support/uptime.js'

export const CONFIG = `export default { services: [], consolidators: [] }`

/** The parts of the answer that tests look at. */
export interface Answer {
  readonly written: boolean
  readonly facts: number
  readonly services: { id: string; name: string; start: string; downtimes: number; known: boolean }[]
  readonly observed: { start: string; end: string }[]
  readonly left: { collection: string; id: string; what: string; why: string }[]
  readonly doubts: { service: string; downtime: string | null; why: string }[]
  readonly figures: { compared: number; skipped: number; different: Difference[] }
}
export interface Difference {
  readonly name: string
  readonly unit: string
  readonly start: string
  readonly theirs: number
  readonly ours: number | null
  readonly points: number | null
  readonly because: string
}

/** A project that has every package of the workspace. */
export function projectWith(config = CONFIG): Project {
  const project = new Project({ 'uptime.config.mjs': config })
  project.usePackages()
  return project
}
