import type { Argument, Command, Option } from 'commander'

/** What may stand where the cursor is: the whole word, and a few words about it. */
export interface Candidate {
  readonly value: string
  readonly about: string
}

/** Candidates; or `files`, where any file may stand, which the shell knows best. */
export type Completion = readonly Candidate[] | 'files'

/** What only the config knows. */
export type Source = 'filter' | 'kind' | 'category' | 'label'
export type Names = (source: Source, config: string | undefined) => Promise<readonly Candidate[]>

/** The command that words belong to which name none. */
const DEFAULT = 'run'

const SOURCES: Readonly<Record<string, Source>> = {
  ...{ '--kind': 'kind', '--category': 'category', '--label': 'label' },
  ...{ '--service': 'filter', '--explain': 'filter', filter: 'filter' },
}

/**
 * What may stand in place of the last word, by the program's own description.
 *
 * @param words what stands behind the program's name up to the cursor; the last one may be empty
 */
export async function complete(
  program: Command,
  words: readonly string[],
  names: Names,
): Promise<Completion> {
  const line = readLine(program, words.slice(0, -1))
  const word = words.at(-1) ?? ''
  const ask = (source: Source) => names(source, line.config)
  if (line.awaits) return beginningWith(word, await valuesOf(line.awaits, ask))
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
  if (flag && !line.isPlain) return behind(flag, value!, await valuesOf(optionOf(line.command, flag), ask))
  if (word.startsWith('-') && !line.isPlain) return beginningWith(word, optionsOf(line))
  const optional = line.mayTake ? await valuesOf(line.mayTake, ask) : []
  return beginningWith(word, both(optional, await wordsOf(line, ask)))
}

/** What the words before the cursor come to. */
interface Line {
  command: Command
  /** How many of the command's arguments are there. */
  count: number
  readonly used: Set<Option>
  /** The option whose value comes next. */
  awaits?: Option | undefined
  /** The option that may take the next word as its value. */
  mayTake?: Option | undefined
  /** Behind `--`, where nothing is an option. */
  isPlain: boolean
  config?: string | undefined
}

function readLine(program: Command, words: readonly string[]): Line {
  const line: Line = { command: program, count: 0, used: new Set(), isPlain: false }
  for (const word of words) readWord(line, word)
  return line
}

function readWord(line: Line, word: string): void {
  const taker = line.awaits ?? (word.startsWith('-') ? undefined : line.mayTake)
  line.awaits = line.mayTake = undefined
  if (taker?.long === '--config') line.config = word
  if (taker) return
  if (word === '--') line.isPlain = true
  else if (word.startsWith('-') && word !== '-' && !line.isPlain) readOption(line, word)
  else readArgument(line, word)
}

function readOption(line: Line, word: string): void {
  const [flag = word, value] = word.split(/=(.*)/s)
  const option = optionOf(line.command, flag)
  if (!option) return
  line.used.add(option)
  if (value === undefined)
    Object.assign(line, option.required ? { awaits: option } : option.optional ? { mayTake: option } : {})
  else if (option.long === '--config') line.config = value
}

function readArgument(line: Line, word: string): void {
  const next = line.count ? undefined : subcommand(line.command, word)
  if (next) line.command = next
  else line.count++
}

function subcommand({ commands }: Command, name: string): Command | undefined {
  return commands.find((command) => command.name() === name || command.aliases().includes(name))
}

/** The program itself also takes the options of its default command. */
function takers(command: Command): Command[] {
  const fallback = command.parent ? undefined : subcommand(command, DEFAULT)
  return fallback ? [command, fallback] : [command]
}

function allOptions(command: Command): Option[] {
  const all = takers(command).flatMap((taker) => taker.createHelp().visibleOptions(taker))
  return [...new Map(all.map((option) => [option.long, option])).values()]
}

function optionOf(command: Command, flag: string): Option | undefined {
  return allOptions(command).find(({ short, long }) => short === flag || long === flag)
}

/** Those that are not there yet, or may be there more than once. */
function optionsOf({ command, used }: Line): Candidate[] {
  const isFree = (option: Option) => option.parseArg || ![...used].some(({ long }) => long === option.long)
  return allOptions(command)
    .filter(isFree)
    .map(({ long, short, description }) => ({ value: long ?? short!, about: description }))
}

type Ask = (source: Source) => Promise<readonly Candidate[]>

async function valuesOf(option: Option | undefined, ask: Ask): Promise<Completion> {
  if (!option) return []
  const { argChoices, long = '', flags } = option
  if (argChoices) return plain(argChoices)
  if (/[<[]file[>\]]/.test(flags)) return 'files'
  if (long === '--zone') return plain(Intl.supportedValuesOf('timeZone'))
  const source = SOURCES[long]
  return source ? ask(source) : []
}

async function wordsOf({ command, count }: Line, ask: Ask): Promise<Candidate[]> {
  const { registeredArguments } = command
  const argument = registeredArguments[Math.min(count, registeredArguments.length - 1)]
  const isTaken = count >= registeredArguments.length && !argument?.variadic
  const values = argument && !isTaken ? await argumentValues(argument, ask) : []
  return [...(count ? [] : subcommandsOf(command)), ...values]
}

function subcommandsOf(command: Command): Candidate[] {
  const visible = command.createHelp().visibleCommands(command)
  return visible.map((sub) => ({ value: sub.name(), about: sub.description() }))
}

async function argumentValues(argument: Argument, ask: Ask): Promise<readonly Candidate[]> {
  if (argument.argChoices) return plain(argument.argChoices)
  const source = SOURCES[argument.name()]
  return source ? ask(source) : []
}

function plain(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value, about: '' }))
}

function both(first: Completion, second: readonly Candidate[]): Completion {
  return first === 'files' ? first : [...first, ...second]
}

function beginningWith(word: string, completion: Completion): Completion {
  return completion === 'files' ? completion : completion.filter(({ value }) => value.startsWith(word))
}

/** Of `--log=js`, the candidates are whole words as well. */
function behind(flag: string, word: string, completion: Completion): Completion {
  const found = beginningWith(word, completion)
  return found === 'files' ? found : found.map(({ value, about }) => ({ value: `${flag}=${value}`, about }))
}
