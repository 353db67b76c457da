import {
  type Consolidator,
  isSla,
  periodOf,
  type Range,
  type ResolvedConfig,
  type Scope,
  type SlaConsolidator,
  UptimeError,
} from '@uptimeserver/core'
import { consolidateNow, inWords } from '../consolidate.js'
import { titleOf } from '../figures/columns.js'
import { type CommonOptions, createFilter } from '../filter.js'
import { withWriter } from '../open-storage.js'
import { warn } from '../output.js'
import { periodFrom, type ReportOptions } from '../report-options.js'
import { bold } from '../ui/colors.js'
import { printLine } from '../ui/print.js'

export type ConsolidateOptions = CommonOptions & Omit<ReportOptions, 'report' | 'zone'>

/** `uptime consolidate`: what the running monitor does on its schedule, by hand; also for any period of the past. */
export async function consolidate(name: string | undefined, options: ConsolidateOptions): Promise<void> {
  const filter = createFilter([], options)
  await withWriter(options.config, async (storage, config) => {
    const chosen = choose(config, name)
    const isWhole = filter.isEmpty
    const asked = chosen.map((consolidator): [Consolidator, Scope] => {
      const range = isSla(consolidator) ? rangeFor(consolidator, config, options, isWhole) : undefined
      return [consolidator, { range, filter: isWhole ? undefined : filter }]
    })
    for (const [consolidator, scope] of asked) {
      const written = await consolidateNow(consolidator, storage, config, scope)
      printLine(bold(consolidator.name), `: ${inWords(written)}`)
    }
    const missed = filter.nothingChosen()
    if (missed) warn(missed)
  })
}

function choose({ consolidators }: ResolvedConfig, name: string | undefined): readonly Consolidator[] {
  const chosen = consolidators.filter((consolidator) => name === undefined || consolidator.name === name)
  if (chosen.length) return chosen
  const known = consolidators.map((consolidator) => consolidator.name).join(', ')
  const expected = known ? `one of ${known}` : 'none: the config switches consolidators off'
  throw new UptimeError('CONFIG_INVALID', `there is no consolidator "${name ?? ''}", expected ${expected}`)
}

/** The periods that are meant, in the zone of the report; `undefined`: whatever is due. */
function rangeFor(
  sla: SlaConsolidator,
  config: ResolvedConfig,
  options: ConsolidateOptions,
  isWhole: boolean,
): Range | undefined {
  const { period, of, from, to } = options
  if ((period ?? of ?? from ?? to) === undefined) {
    if (isWhole) return undefined
    throw new UptimeError(
      'CONFIG_INVALID',
      `${sla.name}: only whole reports are due; name a period with --of`,
    )
  }
  const now = Date.now()
  const { zone } = sla.settings(config)
  const asked = periodOf(periodFrom(options, zone, now), zone, now)
  if (asked.start < now) return asked
  throw new UptimeError('PERIOD_INVALID', `${titleOf(asked)} has not begun: there is nothing to consolidate`)
}
