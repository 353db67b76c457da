import { type Event, type Storage, UptimeError } from '@uptimeserver/core'
import { authorOf } from '../author.js'
import { theOne } from '../filter.js'
import { loadResolved } from '../load-config.js'
import { compareFigures } from '../migrate/compare.js'
import type { Ancestor } from '../migrate/documents.js'
import { factsOf } from '../migrate/facts.js'
import type { Outcome } from '../migrate/outcome.js'
import { type Choices, planMigration } from '../migrate/plan.js'
import { printOutcome } from '../migrate/report.js'
import { outcomeJson } from '../migrate/report-json.js'
import { readServices } from '../migrate/services.js'
import { readAncestor } from '../migrate/source.js'
import { readTarget } from '../migrate/target.js'
import { using } from '../open-storage.js'
import { printJson } from '../output.js'
import { waitFor } from '../patience.js'
import { durationOf, parseTime } from '../time.js'

export interface MigrateOptions {
  readonly config?: string
  readonly uri: string
  readonly db: string
  readonly write?: boolean
  readonly silence: string
  readonly removed?: readonly string[]
  readonly excludeDoubtful?: boolean
  readonly author?: string
  readonly json?: boolean
}

/** How many facts are written at once. */
const BATCH = 500

/** `uptime migrate python-uptimeserver`: carries its record into the config's storage, or says what that would do. */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { config, folder } = await loadResolved(options.config)
  const ancestor = await readAncestor({ uri: options.uri, db: options.db, folder })
  const choices = choicesFrom(options, ancestor, config.zone)
  const storage = config.storage as Storage
  const opening = { monitor: config.monitor, folder, readOnly: !options.write }
  const outcome = await using(storage, opening, () =>
    carry(ancestor, storage, choices, options.write ?? false),
  )
  if (options.json) printJson(outcomeJson(outcome))
  else printOutcome(outcome, config.zone)
}

async function carry(
  ancestor: Ancestor,
  storage: Storage,
  choices: Choices,
  written: boolean,
): Promise<Outcome> {
  const target = await waitFor(`reading from ${storage.name}`, readTarget(storage))
  const plan = planMigration(ancestor, target, choices)
  const facts = factsOf(plan, target, choices)
  if (written) await waitFor(`writing to ${storage.name}`, record(storage, facts))
  const comparison = compareFigures(ancestor, plan, choices.now)
  return { plan, target, comparison, written, facts: facts.filter(({ type }) => type !== 'alive').length }
}

/** An end in between is no harm: the next time goes on where this one was. */
async function record(storage: Storage, facts: readonly Event[]): Promise<void> {
  for (let at = 0; at < facts.length; at += BATCH) await storage.record(facts.slice(at, at + BATCH))
}

function choicesFrom(options: MigrateOptions, ancestor: Ancestor, zone: string): Choices {
  const now = Date.now()
  return {
    ...{ now, silence: durationOf('--silence', options.silence) },
    removed: new Map((options.removed ?? []).map((text) => removalFrom(text, ancestor, now, zone))),
    excludedBy: options.excludeDoubtful ? authorOf(options.author) : undefined,
  }
}

function removalFrom(text: string, ancestor: Ancestor, now: number, zone: string): [string, number] {
  const at = text.lastIndexOf('=')
  if (at < 1) {
    const expected = 'a service and a time such as shop=2026-11-22'
    throw new UptimeError('CONFIG_INVALID', `--removed: found "${text}", expected ${expected}`)
  }
  const services = readServices(ancestor).services.map(({ facts }) => facts)
  return [theOne(text.slice(0, at), services).id, parseTime('--removed', text.slice(at + 1), now, zone)]
}
