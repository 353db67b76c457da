import type { Command } from 'commander'
import { requireCommonJs } from '../require.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

const load = () => import('../commands/socket.js')

/** `uptime socket`: what speaks to a monitor that has a socket-provider. */
export function addSocket(program: Command): void {
  const socket = program
    .command('socket')
    .description('Tell a monitor that runs what to watch, or how a job went, over the socket of its config.')
  addSet(
    socket,
    'put',
    'Add services, or change those that are there.',
    '{"type":"http","url":"https://example.com"}',
  )
  addSet(socket, 'replace', "Put these in place of all of an owner's.", '- --owner deploy < services.json')
  addRemove(socket)
  addList(socket)
  addReport(socket)
  addJob(socket)
  common(socket.command('ping').description('Ask who listens.')).action(async (options) =>
    (await load()).ping(options),
  )
}

function addSet(socket: Command, op: 'put' | 'replace', description: string, sample: string): void {
  owned(common(socket.command(op).description(description)))
    .argument('<json...>', 'an entry such as {"type":"http",…}, or a list of them; - reads standard input')
    .addHelpText('after', example(`uptime socket ${op} ${sample.startsWith('{') ? `'${sample}'` : sample}`))
    .action(async (texts, options) => (await load()).put(op, texts, options))
}

function addRemove(socket: Command): void {
  which(owned(common(socket.command('remove').description('Take services out of the set.'))))
    .addHelpText('after', example('uptime socket remove shop --category web'))
    .action(async (service, options) => (await load()).remove(service, options))
}

function addList(socket: Command): void {
  which(common(socket.command('list').description('List what was put, and what was reported last.')))
    .option('--owner <name>', 'only of this owner')
    .addHelpText('after', example('uptime socket list --json'))
    .action(async (service, options) => (await load()).list(service, options))
}

function addReport(socket: Command): void {
  common(socket.command('report').description('Say how a service of the type heartbeat is.'))
    .argument('<service>', 'its name or id')
    .addArgument(new commander.Argument('<status>', 'how it is').choices(['up', 'down']))
    .option('--category <category>', 'where several have that name')
    .option('--reason <text>', 'why it is down')
    .option('--at <time>', 'when it was so: ISO 8601, or a duration for so long ago (default: now)')
    .addHelpText('after', example('uptime socket report backup down --reason "no space left"'))
    .action(async (service, status, options) => (await load()).report(service, status, options))
}

function addJob(socket: Command): void {
  common(
    socket
      .command('run')
      .description(
        'Run a command and report by its exit code. Ends with that code, whatever becomes of the report.',
      ),
  )
    .argument('<service>', 'the name or id of a service of the type heartbeat')
    .argument('<command...>', 'what to run, behind --')
    .option('--category <category>', 'where several have that name')
    .addHelpText('after', example('uptime socket run backup -- /usr/local/bin/backup --all', JOB_CODES))
    .action(async (service, command, options) => (await load()).runJob(service, command, options))
}

function common(command: Command): Command {
  return command
    .option('-s, --socket <path>', 'the socket (default: that of the config)')
    .option('-c, --config <file>', 'the config (default: the nearest uptime.config.{ts,mts,js,mjs})')
    .option('--json', 'print the reply as JSON')
}

function owned(command: Command): Command {
  return command.option('--owner <name>', 'whose set it is', 'default')
}

function which(command: Command): Command {
  return command
    .argument('[service]', 'its name or id')
    .option('--kind <kind>', 'only of this kind')
    .option('--category <category>', 'only of this category')
}

const CODES = '0 done, 1 refused or nobody there, 2 a wrong command line.'
const JOB_CODES =
  "the command's own; 126 it cannot be run, 127 it is not found, 2 a wrong command line.\n" +
  'While nobody listens, the report is tried again for 5s; one that is not taken is told on stderr.'

function example(line: string, codes = CODES): string {
  return `\nExit code: ${codes}\n\nExample:\n  $ ${line}`
}
