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
  for (const add of [addRun, addCheck, addStatus, addDowntimes, addValidate, addInit]) add(program)
  return program
}

function addRun(program: Command): void {
  command(program, 'run', 'Monitor until a signal (the default command).', { isDefault: true })
    .addOption(
      new commander.Option('--log <format>', 'table, or one JSON line per event').choices(['table', 'json']),
    )
    .option('--verbose', 'also a line per check')
    .addHelpText('after', example('uptime run --log json --verbose'))
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
    .addHelpText('after', example('uptime status --label team=payments --json'))
    .action(async (words, options) => (await import('./commands/status.js')).status(words, options))
}

function addDowntimes(program: Command): void {
  filters(command(program, 'downtimes', 'List outages.'))
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
}

function addValidate(program: Command): void {
  command(program, 'validate', 'Load and check the config and print the plan. Opens nothing.')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime validate --config production.config.ts'))
    .action(async (options) => (await import('./commands/validate.js')).validate(options))
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

function filters(command: Command): Command {
  const gather = (label: string, labels: readonly string[] = []) => [...labels, label]
  return command
    .argument('[filter...]', 'ids, or parts of names; any of them')
    .option('--kind <kind>', 'only of this kind')
    .option('--category <category>', 'only of this category')
    .option('--label <name=value>', 'only with this label (may be repeated)', gather)
}

function example(line: string): string {
  return `\nExample:\n  $ ${line}`
}

const EXIT_CODES = '\nExit code: 0 all up, 1 any down, 2 a configuration error.\n'
