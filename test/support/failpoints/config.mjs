import { join } from 'node:path'
import { sla } from '@uptimeserver/core'
import { countJournal } from './journal.mjs'
import { NAMES, Script } from './script.mjs'
import { reachable } from './storage.mjs'
import { die, Writes } from './writes.mjs'

/**
 * A config whose services follow a script, in a process that dies where `UPTIME_TEST_DIE` says: `before storage record 3`, or
 * `at end`, when that step would begin.
 *
 * @param count counts what is written in the storage's own way. Default: each call that writes
 */
export function scripted(folder, storage, count) {
  const { UPTIME_TEST_DIE: deadly } = process.env
  const writes = new Writes(join(folder, 'writes.txt'), deadly)
  const script = new Script(join(folder, 'steps.txt'), (step) => {
    if (deadly === `at ${step}`) die()
  })
  countJournal(join(folder, 'uptime.journal'), writes)
  count?.(writes)
  hearWhatIsTold((line) => script.hear(line))
  return {
    ...{ every: '100ms', retryEvery: '30ms', attempts: 4, zone: 'UTC' },
    lease: { duration: '3s', renew: '1200ms', retry: '300ms' },
    consolidators: [sla({ schedule: '200ms' })],
    storage: reachable(storage, () => script.isAway, count ? undefined : writes),
    services: NAMES.map((name) => scriptedService(name, script)),
  }
}

function scriptedService(name, script) {
  return {
    kind: 'scripted',
    name,
    async check() {
      if (script.isFailing(name)) throw new Error('as the script says')
    },
  }
}

/** What has been told has left the process, whatever becomes of it then. */
function hearWhatIsTold(hear) {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text, ...rest) => {
    const isDone = write(text, ...rest)
    if (text) hear(JSON.parse(text))
    return isDone
  }
}
