import type { Command } from 'commander'
import { requireCommonJs } from '../require.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

export function command(program: Command, name: string, description: string, options = {}): Command {
  return program
    .command(name, options)
    .description(description)
    .option('-c, --config <file>', 'the config (default: the nearest uptime.config.{ts,mts,js,mjs})')
}

export function gather(value: string, values: readonly string[] = []): string[] {
  return [...values, value]
}

export function periods(command: Command): Command {
  return calendar(command)
    .option('--zone <zone>', "the IANA time zone (default: the report's)")
    .option('--report <name>', "whose rules: the name of an sla() in the config (default: the first one's)")
}

export function calendar(command: Command): Command {
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

export function word(command: Command): Command {
  return command
    .option('--author <name>', 'who says so (default: who is logged in)')
    .option('--json', 'print JSON')
}

export function filters(command: Command): Command {
  return traits(command.argument('[filter...]', 'ids, or parts of names; any of them'))
}

export function traits(command: Command): Command {
  return command
    .option('--kind <kind>', 'only of this kind')
    .option('--category <category>', 'only of this category')
    .option('--label <name=value>', 'only with this label (may be repeated)', gather)
}

export function example(line: string): string {
  return `\nExample:\n  $ ${line}`
}

export const EXIT_CODES = '\nExit code: 0 all up, 1 any down, 2 a configuration error, or nothing to check.\n'
