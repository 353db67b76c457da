import { createTimingResolver, formatDuration, type ResolvedConfig, serviceId } from '@uptimeserver/core'
import { loadResolved } from '../load-config.js'
import { printJson, warn } from '../output.js'
import { dim, green } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import { printLine, printTable } from '../ui/print.js'

export interface ValidateOptions {
  readonly config?: string
  readonly json?: boolean
}

/** `uptime validate`: what would run. Options are not shown, so no secret can be. */
export async function validate(options: ValidateOptions): Promise<void> {
  const { config, path } = await loadResolved(options.config)
  for (const warning of config.warnings) warn(warning)
  const plan = planOf(config)
  if (options.json) printJson(plan)
  else printPlan(plan, path)
}

type Plan = ReturnType<typeof planOf>

function planOf(config: ResolvedConfig) {
  const timingOf = createTimingResolver(config.timing)
  return {
    monitor: config.monitor,
    zone: config.zone,
    objective: config.objective ?? null,
    maintenance: config.maintenance.map(({ reason }) => reason),
    storage: config.storage?.name ?? null,
    concurrency: config.concurrency,
    providers: config.providers.map(({ name }) => name),
    consolidators: config.consolidators.map(({ name }) => name),
    services: config.services.map((service) => {
      const { kind, name, category = null, labels = {} } = service
      return { id: serviceId(service), kind, name, category, labels, ...timingOf(service) }
    }),
  }
}

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'KIND', drop: 6 },
  { title: 'CATEGORY', drop: 4 },
  { title: 'EVERY' },
  { title: 'RETRY', drop: 3 },
  { title: 'TIMEOUT', drop: 2 },
  { title: 'ATTEMPTS', drop: 1 },
  { title: 'ID', drop: 5 },
]

function printPlan(plan: Plan, path: string): void {
  const rows = plan.services.map(({ id, kind, name, category, every, retryEvery, timeout, attempts }) => [
    name,
    kind,
    category ?? '',
    ...[every, retryEvery, timeout].map(formatDuration),
    String(attempts),
    dim(id),
  ])
  printTable(COLUMNS, rows)
  const parts = [
    plural(rows.length, 'service'),
    plan.providers.length ? `providers ${plan.providers.join(', ')}` : '',
    plan.maintenance.length ? plural(plan.maintenance.length, 'maintenance rule') : '',
    plan.consolidators.length ? `consolidators ${plan.consolidators.join(', ')}` : '',
    `storage ${plan.storage}`,
    `monitor ${plan.monitor}`,
    `zone ${plan.zone}`,
  ]
  printLine(green('valid'), ` ${path}: ${parts.filter(Boolean).join(' · ')}`)
}
