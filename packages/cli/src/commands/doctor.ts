import { judgeClock } from '../doctor/clock.js'
import { type Examined, examineConfig, judgeNode } from '../doctor/config.js'
import { judgeProviders, judgeReferences } from '../doctor/discovery.js'
import { type Finding, look } from '../doctor/finding.js'
import { judgeJournal } from '../doctor/journal.js'
import { judgeLeases } from '../doctor/leadership.js'
import { judgeNames } from '../doctor/names.js'
import { judgeStorage } from '../doctor/storage.js'
import { printJson, warn } from '../output.js'
import { waitFor } from '../patience.js'
import { onStray } from '../strays.js'
import { colors, dim } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine } from '../ui/print.js'

export interface DoctorOptions {
  readonly config?: string
  readonly json?: boolean
}

/** `uptime doctor`: whether all that a monitor needs is there. Changes nothing. Exit code 1 when there is a problem. */
export async function doctor(options: DoctorOptions): Promise<void> {
  onStray((message) => warn(message))
  const { examined, findings } = await examineConfig(options.config)
  const looked = examined ? await waitFor('the examination', Promise.all(looksAt(examined))) : []
  const all = [judgeNode(), ...findings, ...looked.flat()]
  const isWell = all.every(({ state }) => state !== 'problem')
  if (options.json) printJson({ well: isWell, config: examined?.path ?? null, findings: all })
  else print(all, examined !== undefined)
  if (!isWell) process.exitCode = 1
}

/** Beside each other: what takes its time keeps nothing else waiting. */
function looksAt(examined: Examined): Promise<readonly Finding[]>[] {
  const { config, folder } = examined
  return [
    look('storage', () => judgeStorage(examined), STORAGE),
    ...(config.leadership ? [look('leadership', () => judgeLeases(config.leadership))] : []),
    look('journal', () => judgeJournal(examined)),
    look('clock', (signal) => judgeClock(config, signal)),
    look('dns', () => judgeNames(config)),
    look('provider', (signal) => judgeProviders(config, folder, signal)),
    look('reference', (signal) => judgeReferences(config, signal)),
  ]
}

/** A storage that does not open says so itself before that, in ms. */
const STORAGE = 15_000

const PAINT = { ok: colors.green, warning: colors.yellow, problem: colors.red } as const
const WIDEST = { check: 'leadership'.length, state: 'warning'.length }

/** A finding may have several lines, such as the faults of a config. */
function print(findings: readonly Finding[], isExamined: boolean): void {
  for (const { check, state, found, mend } of findings) {
    const mark = { text: `● ${state}`.padEnd(WIDEST.state + 4), paint: PAINT[state] }
    const [first, ...others] = found.split('\n')
    printLine(mark, `${check.padEnd(WIDEST.check + 2)}${first}`)
    for (const line of others) printLine(`    ${line}`)
    if (mend) printLine(dim(`    mend: ${mend}`))
  }
  printLine('')
  if (!isExamined) printLine(dim(LEFT_OUT))
  printLine(...summary(findings))
}

const LEFT_OUT = 'Nothing else was looked at: all of it is said by the config.'

/** `1 problem, 2 warnings, 7 ok` */
function summary(findings: readonly Finding[]): Cell[] {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length
  const [problems, warnings] = [count('problem'), count('warning')]
  return [
    ...(problems ? [{ text: plural(problems, 'problem'), paint: PAINT.problem }, ', '] : []),
    ...(warnings ? [{ text: plural(warnings, 'warning'), paint: PAINT.warning }, ', '] : []),
    { text: `${count('ok')} ok`, paint: PAINT.ok },
  ]
}
