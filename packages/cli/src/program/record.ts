import type { Command } from 'commander'
import { requireCommonJs } from '../require.js'
import { calendar, command, EXIT_CODES, example, filters, gather, periods, traits, word } from './options.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

export function addCheck(program: Command): void {
  filters(command(program, 'check', 'Check every service once, now. Writes nothing.'))
    .option('--json', 'print JSON')
    .addHelpText('after', `${EXIT_CODES}${example('uptime check shop --category infra')}`)
    .action(async (words, options) => (await import('../commands/check.js')).check(words, options))
}

export function addStatus(program: Command): void {
  filters(command(program, 'status', 'Show how every service stands, whether a monitor runs or not.'))
    .option('--json', 'print JSON')
    .option('--removed', 'also services that are monitored no more')
    .option('--discovery', 'what providers found and skipped, and why')
    .option('--monitor', 'which instance leads, and which stand by')
    .option('--public', 'what may be shown to the public, as it was made last')
    .addHelpText('after', example('uptime status --label team=payments --json'))
    .action(async (words, options) => (await import('../commands/status.js')).status(words, options))
}

export function addDowntimes(program: Command): void {
  const downtimes = filters(command(program, 'downtimes', 'List outages, or say that one does not count.'))
    .option('--from <time>', 'those that touch the time from here: ISO 8601, or 24h for 24 hours ago')
    .option('--to <time>', '… up to here')
    .option('--open', 'only those that go on')
    .option('--removed', 'also of services that are monitored no more')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime downtimes shop --from 7d'))
    .action(async (words, options) => (await import('../commands/downtimes.js')).downtimes(words, options))
  const correct = async (id: string, exclude: boolean, options: object) =>
    (await import('../commands/downtimes.js')).correct(id, exclude, options)
  word(
    command(downtimes, 'exclude', 'Say that a downtime does not count. It stays on record, with this word.'),
  )
    .argument('<id>', 'its id, as `uptime downtimes` shows it')
    .requiredOption('--reason <text>', 'why it does not count; shown wherever the downtime is')
    .addHelpText('after', example('uptime downtimes exclude c2f1a7e09d-1f --reason "our own firewall"'))
    .action((id, _, command) => correct(id, true, command.optsWithGlobals()))
  word(command(downtimes, 'include', 'Say that an excluded downtime counts again.'))
    .argument('<id>', 'its id, as `uptime downtimes` shows it')
    .option('--reason <text>', 'why it counts again')
    .addHelpText('after', example('uptime downtimes include c2f1a7e09d-1f'))
    .action((id, _, command) => correct(id, false, command.optsWithGlobals()))
}

export function addMaintenance(program: Command): void {
  const maintenance = program
    .command('maintenance')
    .description('Agreed time, in which checks go on and nothing counts.')
  const load = () => import('../commands/maintenance.js')
  word(filters(command(maintenance, 'add', 'Record agreed time, now, to come or past.')))
    .requiredOption('--reason <text>', 'shown wherever the time is')
    .option('--from <time>', 'ISO 8601, or a duration such as 2h for so long ago (default: now)')
    .option('--to <time>', 'its end (default: when it is ended)')
    .option('--for <duration>', 'instead of --to: how long it takes, such as 2h')
    .addHelpText('after', example('uptime maintenance add shop --for 2h --reason "new racks"'))
    .action(async (words, options) => (await load()).add(words, options))
  filters(command(maintenance, 'list', 'List agreed time, whoever said so.'))
    .option('--from <time>', 'what touches the time from here')
    .option('--to <time>', '… up to here')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime maintenance list --from 30d'))
    .action(async (words, options) => (await load()).list(words, options))
  command(maintenance, 'end', 'End a window now; one that has not begun never does.')
    .argument('<id>', 'its id, as `uptime maintenance list` shows it')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime maintenance end m1a2b3c4'))
    .action(async (id, options) => (await load()).end(id, options))
}

export function addConsolidate(program: Command): void {
  const does = 'Do now what the monitor does on its schedule: freeze figures, refresh the public status.'
  calendar(traits(command(program, 'consolidate', does)))
    .argument('[name]', 'sla, status, or the name of another consolidator (default: all of them)')
    .addHelpText('after', '\nAgain on the same record it writes nothing new.')
    .addHelpText('after', example('uptime consolidate sla --period month --of 2017-10'))
    .action(async (name, options) => (await import('../commands/consolidate.js')).consolidate(name, options))
}

export function addSla(program: Command): void {
  periods(filters(command(program, 'sla', 'Show availability figures, and what they are made of.')))
    .option('--service <filter>', 'as the filter: an id or a part of a name (may be repeated)', gather)
    .option('--group-by <what>', 'also figures of groups: category, or label:NAME (may be repeated)', gather)
    .option('--explain <service>', 'every interval behind the figure of one service')
    .addOption(new commander.Option('--json', 'print JSON').conflicts(['csv', 'markdown']))
    .addOption(new commander.Option('--csv', 'print CSV').conflicts('markdown'))
    .option('--markdown', 'print a table in Markdown')
    .addHelpText('after', example('uptime sla --period month --of 2026-11 --group-by category'))
    .action(async (words, options) => (await import('../commands/sla.js')).showSla(words, options))
}

export function addReport(program: Command): void {
  periods(
    filters(command(program, 'report', 'Write the report of a period, to be sent to whom it concerns.')),
  )
    .option('--output <file>', 'what to write: .html, .md, .csv or .json', 'report.html')
    .option('--title <text>', 'its heading', 'Availability report')
    .option('--group-by <what>', 'also figures of groups: category, or label:NAME (may be repeated)', gather)
    .addHelpText('after', example('uptime report --period month --of 2026-11 --output report.html'))
    .action(async (words, options) => (await import('../commands/report.js')).report(words, options))
}
