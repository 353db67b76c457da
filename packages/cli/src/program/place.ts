import type { Command } from 'commander'
import { requireCommonJs } from '../require.js'
import { command, example, gather } from './options.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

export function addRun(program: Command): void {
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
      await (await import('../commands/run.js')).run(options)
    })
}

export function addValidate(program: Command): void {
  command(program, 'validate', 'Load and check the config and print the plan. Opens nothing.')
    .option('--json', 'print JSON')
    .addHelpText('after', example('uptime validate --config production.config.ts'))
    .action(async (options) => (await import('../commands/validate.js')).validate(options))
}

export function addSchema(program: Command): void {
  const does = 'Write the JSON Schema of files that hold services, for editors.'
  command(program, 'schema', does)
    .option(
      '--provider <name>',
      'for the types of this provider (default: of all that take services as data)',
    )
    .option('--out <file>', 'where to (default: print it)')
    .addHelpText('after', example('uptime schema --out uptime.schema.json'))
    .action(async (options) => (await import('../commands/schema.js')).schema(options))
}

export function addJournal(program: Command): void {
  command(
    program,
    'journal',
    'Show facts that wait for the storage on disk, or were refused. Opens and changes nothing.',
  )
    .option('--json', 'print JSON')
    .option('--facts', 'every single fact')
    .addHelpText('after', example('uptime journal --facts'))
    .action(async (options) => (await import('../commands/journal.js')).journal(options))
}

export function addMigrate(program: Command): void {
  const does =
    'Carry the record of another monitor into the storage of the config. Without --write nothing is written.'
  command(program, 'migrate', does)
    .addArgument(new commander.Argument('<from>', 'whose record').choices(['python-uptimeserver']))
    .addOption(
      new commander.Option('--uri <uri>', 'its MongoDB; better in the environment, where nobody else sees it')
        .env('UPTIME_MIGRATE_URI')
        .makeOptionMandatory(),
    )
    .requiredOption('--db <name>', 'its database')
    .option('--write', 'write it; again writes only what is new')
    .option('--silence <duration>', 'how long it may have written nothing and still counts as running', '25h')
    .option('--removed <service=time>', 'when it stopped watching a service (may be repeated)', gather)
    .option('--exclude-doubtful', 'also say that open downtimes that it contradicts do not count')
    .option('--author <name>', 'who says so (default: who is logged in)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('uptime migrate python-uptimeserver --uri mongodb://db.internal --db uptime'),
    )
    .action(async (_, options) => (await import('../commands/migrate.js')).migrate(options))
}

export function addHealth(program: Command): void {
  program
    .command('health')
    .description('Ask a monitor that runs with --health whether it is ready: it checks, or stands by.')
    .argument('[address]', 'where it is: a port of this machine, or HOST:PORT (default: 8463)')
    .addHelpText('after', '\nExit code: 0 ready, 1 not ready or no answer, 2 an address that is none.')
    .addHelpText('after', example('uptime health 9000'))
    .action(async (address) => (await import('../commands/health.js')).health(address))
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description('Write an uptime.config.ts that runs at once.')
    .option('--name <name>', 'what the first service is called')
    .option('--url <url>', 'what to check')
    .option('--force', 'overwrite a config that exists')
    .addHelpText('after', example('uptime init --name shop --url https://example.com/health'))
    .action(async (options) => (await import('../commands/init.js')).init(options))
}

export function addDoctor(program: Command): void {
  command(program, 'doctor', 'See whether all that a monitor needs is there. Changes nothing.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 no problem, 1 a problem, 2 a wrong command line.')
    .addHelpText('after', example('uptime doctor --json'))
    .action(async (options) => (await import('../commands/doctor.js')).doctor(options))
}
