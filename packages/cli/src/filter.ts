import { type ServiceFacts, UptimeError } from '@uptimeserver/core'

/** Options of the commands that choose among services. */
export interface FilterOptions {
  readonly kind?: string
  readonly category?: string
  readonly label?: readonly string[]
}

export interface CommonOptions extends FilterOptions {
  readonly config?: string
  readonly json?: boolean
}

/** Chooses among services, and knows what it saw. */
export interface Filter {
  (facts: ServiceFacts): boolean
  /** Whether nobody asked for a choice. */
  readonly isEmpty: boolean
  /** How many services it was asked about. */
  seen(): number
  /** What to say when there were services and none was chosen, which is likely a slip of the pen. */
  nothingChosen(): string | undefined
}

/** Which services the words and options of a command choose: any of the words, all of the options. */
export function createFilter(words: readonly string[], options: FilterOptions): Filter {
  const fits = createTest(words, options)
  let [seen, chosen] = [0, 0]
  const filter = (facts: ServiceFacts) => {
    const isChosen = fits(facts)
    seen++
    if (isChosen) chosen++
    return isChosen
  }
  const nothingChosen = () =>
    seen && !chosen ? `none of ${seen} services fits ${inWords(words, options)}` : undefined
  return Object.assign(filter, { isEmpty: !inWords(words, options), seen: () => seen, nothingChosen })
}

function createTest(words: readonly string[], options: FilterOptions): (facts: ServiceFacts) => boolean {
  const lower = words.map((word) => word.toLowerCase())
  const labels = (options.label ?? []).map(parseLabel)
  return ({ id, kind, name, category, labels: own = {} }) =>
    (!lower.length || lower.some((word) => id === word || name.toLowerCase().includes(word))) &&
    (options.kind === undefined || kind === options.kind) &&
    (options.category === undefined || category === options.category) &&
    labels.every(([key, value]) => own[key] === value)
}

/** The filter as it was typed. */
function inWords(words: readonly string[], { kind, category, label = [] }: FilterOptions): string {
  return [
    ...words.map((word) => JSON.stringify(word)),
    ...(kind === undefined ? [] : [`--kind ${kind}`]),
    ...(category === undefined ? [] : [`--category ${category}`]),
    ...label.map((each) => `--label ${each}`),
  ].join(' ')
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new UptimeError(
    'CONFIG_INVALID',
    `--label: found "${text}", expected name=value such as team=payments`,
  )
}

/**
 * The one service that a word means: an id, a name, or a part of names that only one has.
 *
 * @throws UptimeError `NOT_FOUND`
 */
export function theOne(word: string, services: readonly ServiceFacts[]): ServiceFacts {
  const exact = services.filter(({ id, name }) => id === word || name === word)
  const found = exact.length ? exact : services.filter(createFilter([word], {}))
  if (found.length === 1) return found[0]!
  const some = found.slice(0, MOST_NAMED).map(({ name, id }) => `${name} (${id})`)
  const more = found.length > some.length ? ` and ${found.length - some.length} more` : ''
  const which = found.length ? `which one? ${some.join(', ')}${more}` : '`uptime status` shows them'
  const what = found.length ? `${found.length} services are called` : 'no service is called'
  throw new UptimeError('NOT_FOUND', `${what} ${JSON.stringify(word)}; ${which}`)
}

const MOST_NAMED = 5
