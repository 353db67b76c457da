import type { Command } from 'commander'
import { addCompletion } from './completion/command.js'
import {
  addDoctor,
  addHealth,
  addInit,
  addJournal,
  addMigrate,
  addRun,
  addSchema,
  addValidate,
} from './program/place.js'
import {
  addCheck,
  addConsolidate,
  addDowntimes,
  addMaintenance,
  addReport,
  addSla,
  addStatus,
} from './program/record.js'
import { requireCommonJs } from './require.js'
import { addSocket } from './socket/define.js'

const commander = requireCommonJs<typeof import('commander')>('commander')

declare const VERSION: string

const EXIT_WRONG = 2

export function createProgram(): Command {
  const program = new commander.Command('uptime')
    .description('Uptime monitoring and SLA as code.')
    .version(VERSION)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error ')) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_WRONG))
  for (const add of COMMANDS) add(program)
  pointToHelp(program, program.name())
  return program
}

/** An error of a command points to the help of that command. */
function pointToHelp(command: Command, words: string): void {
  command.showHelpAfterError(`See ${words} --help.`)
  for (const each of command.commands) pointToHelp(each, `${words} ${each.name()}`)
}

const COMMANDS = [
  ...[addRun, addCheck, addStatus, addDowntimes, addSla, addReport, addMaintenance],
  ...[
    addConsolidate,
    addJournal,
    addSocket,
    addMigrate,
    addHealth,
    addValidate,
    addSchema,
    addInit,
    addDoctor,
    addCompletion,
  ],
]
