import type { Command } from 'commander'
import { requireCommonJs } from './require.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

declare const VERSION: string

const EXIT_WRONG = 2

/** The `uptime` command. The code of a subcommand is loaded when it is called. */
export function createProgram(): Command {
  const program = new commander.Command('uptime')
    .description('Uptime monitoring and SLA as code.')
    .version(VERSION)
    .showHelpAfterError('See uptime --help.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error ')) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_WRONG))
  for (const add of COMMANDS) add(program)
  return program
}

const COMMANDS = [
  ...[addRun, addCheck, addStatus, addDowntimes, addSla, addReport, addMaintenance],
  ...[addConsolidate, addJournal, addHealth, addValidate, addInit],
]

function addRun(program: Command): void {
  command(program, 'run', 'Monitor until a signal (the default command).', { isDefault: true })
    .addOption(
      new commander.Option('--log <format>', 'table, or one JSON line per event').choices(['table', 'json']),
    )
    .option('--verbose', 'also a line per check')
    .option(
      '--health [address]',
      'answer probes over HTTP: /live, /ready, /leading, at a port of this machine, or HOST:PORT (default: 8463)',
    )
    .option('--watch', 'read the config again when it changes; SIGHUP does that at any time')
    .addHelpText('after', example('uptime run --log json --health 0.0.0.0:8463'))
    .allowExcessArguments()
    .action(async (options, { args: [word] }: Command) => {
      // As the default command it gets every word that is none of the others.
      if (word !== undefined) program.error(`error: there is no command "${word}"`)
      await (await import('./commands/run.js')).run(options)
    })
}

function addCheck(program: Command): void {
  filters(command(program, 'check', 'Check every service once, now. Writes nothing.'))
    .option('--json', 'print JSON')
    .addHelpText('after', `${EXIT_CODES}${example('uptime check shop --category infra')}`)
    .action(async (words, options) => (await import('./commands/check.js')).check(words, options))
}

function addStatus(program: Command): void {
  filters(command(program, 'status', 'Show how every service stands, whether a monitor runs or not.'))
    .option('--json', 'print JSON')
    .option('--removed', 'also services that are monitored no more')
    .option('--discovery', 'what providers found and skipped, and why')
    .option('--monitor', 'which instance leads, and which stand by')
    .option('--public', 'what may be shown to the public, as it was made last')
    .addHelpText('after', example('uptime status --label team=payments --json'))
    .action(async (words, options) => (await import('./commands/status.js')).status(words, options))
}

function addDowntimes(program: Command): void {
  const downtimes = filters(command(program, 'downtimes', 'List outages, or say that one does not count.'))
    .option(
      '--from <time>',
      'those that touch the time from here: ISO 8601 with a zone, or 24h for 24 hours ago',
    )
    .option('--to <time>', '… up to here')
    .option('--open', 'only those that go on')
    .option('--removed', 'also of services that are monitored no more')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime downtimes shop --from 7d'))
    .action(async (words, options) => (await import('./commands/downtimes.js')).downtimes(words, options))
  const correct = async (id: string, exclude: boolean, options: object) =>
    (await import('./commands/downtimes.js')).correct(id, exclude, options)
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

function addMaintenance(program: Command): void {
  const maintenance = program
    .command('maintenance')
    .description('Agreed time, in which checks go on and nothing counts.')
  const load = () => import('./commands/maintenance.js')
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

function addConsolidate(program: Command): void {
  const does = 'Do now what the monitor does on its schedule: freeze figures, refresh the public status.'
  calendar(traits(command(program, 'consolidate', does)))
    .argument('[name]', 'sla, status, or the name of another consolidator (default: all of them)')
    .addHelpText('after', '\nAgain on the same record it writes nothing new.')
    .addHelpText('after', example('uptime consolidate sla --period month --of 2017-10'))
    .action(async (name, options) => (await import('./commands/consolidate.js')).consolidate(name, options))
}

function addSla(program: Command): void {
  periods(filters(command(program, 'sla', 'Show availability figures, and what they are made of.')))
    .option('--service <filter>', 'as the filter: an id or a part of a name (may be repeated)', gather)
    .option('--group-by <what>', 'also figures of groups: category, or label:NAME (may be repeated)', gather)
    .option('--explain <service>', 'every interval behind the figure of one service')
    .addOption(new commander.Option('--json', 'print JSON').conflicts(['csv', 'markdown']))
    .addOption(new commander.Option('--csv', 'print CSV').conflicts('markdown'))
    .option('--markdown', 'print a table in Markdown')
    .addHelpText('after', example('uptime sla --period month --of 2026-11 --group-by category'))
    .action(async (words, options) => (await import('./commands/sla.js')).showSla(words, options))
}

function addReport(program: Command): void {
  periods(
    filters(command(program, 'report', 'Write the report of a period, to be sent to whom it concerns.')),
  )
    .option('--output <file>', 'what to write: .html, .md, .csv or .json', 'report.html')
    .option('--title <text>', 'its heading', 'Availability report')
    .option('--group-by <what>', 'also figures of groups: category, or label:NAME (may be repeated)', gather)
    .addHelpText('after', example('uptime report --period month --of 2026-11 --output report.html'))
    .action(async (words, options) => (await import('./commands/report.js')).report(words, options))
}

function addValidate(program: Command): void {
  command(program, 'validate', 'Load and check the config and print the plan. Opens nothing.')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime validate --config production.config.ts'))
    .action(async (options) => (await import('./commands/validate.js')).validate(options))
}

function addJournal(program: Command): void {
  command(
    program,
    'journal',
    'Show facts that wait for the storage on disk, or were refused. Opens and changes nothing.',
  )
    .option('--json', 'print JSON')
    .option('--facts', 'every single fact')
    .addHelpText('after', example('uptime journal --facts'))
    .action(async (options) => (await import('./commands/journal.js')).journal(options))
}

function addHealth(program: Command): void {
  program
    .command('health')
    .description('Ask a monitor that runs with --health whether it is ready: it checks, or stands by.')
    .argument('[address]', 'where it is: a port of this machine, or HOST:PORT (default: 8463)')
    .addHelpText('after', '\nExit code: 0 ready, 1 not ready or no answer, 2 an address that is none.\n')
    .addHelpText('after', example('uptime health 9000'))
    .action(async (address) => (await import('./commands/health.js')).health(address))
}

function addInit(program: Command): void {
  program
    .command('init')
    .description('Write an uptime.config.ts that runs at once.')
    .option('--name <name>', 'what the first service is called')
    .option('--url <url>', 'what to check')
    .option('--force', 'overwrite a config that exists')
    .addHelpText('after', example('uptime init --name shop --url https://example.com/health'))
    .action(async (options) => (await import('./commands/init.js')).init(options))
}

function command(program: Command, name: string, description: string, options = {}): Command {
  return program
    .command(name, options)
    .description(description)
    .option('-c, --config <file>', 'the config (default: the nearest uptime.config.{ts,mts,js,mjs})')
}

function gather(value: string, values: readonly string[] = []): string[] {
  return [...values, value]
}

/** Options that say which period is meant, and by which rules. */
function periods(command: Command): Command {
  return calendar(command)
    .option('--zone <zone>', "the IANA time zone (default: the report's)")
    .option('--report <name>', "whose rules: the name of an sla() in the config (default: the first one's)")
}

function calendar(command: Command): Command {
  return command
    .addOption(
      new commander.Option('--period <unit>', 'the calendar period (default: month)').choices([
        ...['day', 'week', 'month', 'quarter', 'year'],
      ]),
    )
    .option('--of <label>', '2026-11-22, 2026-W47, 2026-11, 2026-Q4 or 2026 (default: the one that goes on)')
    .option('--from <time>', 'instead: from here, ISO 8601 or a duration such as 24h for so long ago')
    .option('--to <time>', '… up to here (default: now)')
}

/** Options of what a person says. */
function word(command: Command): Command {
  return command
    .option('--author <name>', 'who says so (default: who is logged in)')
    .option('--json', 'print JSON')
}

function filters(command: Command): Command {
  return traits(command.argument('[filter...]', 'ids, or parts of names; any of them'))
}

function traits(command: Command): Command {
  return command
    .option('--kind <kind>', 'only of this kind')
    .option('--category <category>', 'only of this category')
    .option('--label <name=value>', 'only with this label (may be repeated)', gather)
}

function example(line: string): string {
  return `\nExample:\n  $ ${line}`
}

const EXIT_CODES = '\nExit code: 0 all up, 1 any down, 2 a configuration error.\n'
