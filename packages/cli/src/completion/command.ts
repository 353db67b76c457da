import type { Command } from 'commander'
import { requireCommonJs } from '../require.js'
import { HIDDEN, SHELLS } from './scripts.js'

const commander = requireCommonJs<typeof import('commander')>('commander')
const load = () => import('../commands/completion.js')

/** `uptime completion`, and what its scripts call. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and names in a shell.')
    .addArgument(new commander.Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', '\nExample:\n  $ source <(uptime completion bash)')
    .action(async (shell) => (await load()).completion(shell))
  program
    .command(`${HIDDEN} <form> [texts...]`, { hidden: true })
    .action(async (form, texts) => (await load()).completeWords(program, form, texts))
}
