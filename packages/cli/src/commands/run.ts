import { type Runner, systemClock, within } from '@uptimeserver/core'
import { Attendants } from '../attendant.js'
import { createRunner } from '../default-storage.js'
import { inFile, type Loaded, loadConfig } from '../load-config.js'
import { warn } from '../output.js'
import { waitFor } from '../patience.js'
import { Quit } from '../quit.js'
import { Reloads } from '../reloads.js'
import { onStray } from '../strays.js'
import { JsonLog } from '../ui/json-log.js'
import type { View } from '../ui/view.js'

/** How long a start that is given up may take to come to an end, in ms. */
const GRACE = 1_000

export interface RunOptions {
  readonly config?: string
  readonly log?: 'table' | 'json'
  readonly verbose?: boolean
  /** Where probes are answered; `true`: where nothing else is said. */
  readonly health?: string | true
  /** Whether the config is read again when it changes. */
  readonly watch?: boolean
}

/** `uptime run`: until a signal. */
export async function run(options: RunOptions): Promise<void> {
  const quit = new Quit()
  // Until there is something to reload, and when it is over, that is no reason to die.
  process.on('SIGHUP', () => undefined)
  const view = await createView(options)
  const attendants = await Attendants.gather(options.health, view)
  void quit.asked.then(() => attendants.stopping())
  await load(options, { view, quit, attendants }).finally(() => attendants.close())
  if (!quit.isUnread) return
  warn('nobody reads the output any more, so the monitor has stopped')
  process.exitCode = 1
}

/** Who has to do with a monitor while it runs. */
interface Company {
  readonly view: View
  readonly quit: Quit
  readonly attendants: Attendants
}

async function load(options: RunOptions, company: Company): Promise<void> {
  const { view, quit } = company
  const loaded = await quit.before(loadConfig(options.config))
  if (!loaded) return view.stop('interrupted')
  const { path, folder, input } = loaded
  const incident = view.incident.bind(view)
  const log = { debug() {}, info() {}, warn: incident, error: incident }
  onStray(incident)
  try {
    const runner = createRunner(input, { folder, log })
    const listen = () => new Reloads(path, runner, view, options.watch ?? false)
    await monitor(runner, listen, { ...company, loaded })
  } catch (error) {
    throw inFile(error, path)
  }
}

async function monitor(
  runner: Runner,
  listen: () => Reloads,
  { view, quit, attendants, loaded }: Company & { readonly loaded: Loaded },
): Promise<void> {
  view.onQuit?.(quit.ask)
  view.start(runner)
  const starting = waitFor('the start of the monitor', runner.start())
  try {
    await quit.before(starting)
  } catch (error) {
    view.stop('failed')
    throw error
  }
  if (quit.isAsked) return giveUp(runner, starting, view)
  view.started?.()
  attendants.started(runner)
  const reloads = listen()
  await quit.asked
  reloads.close()
  await view.conclude?.()
  const ending = runner.stop().then(() => view.recount?.(() => figures(loaded)))
  await waitFor('the end of the monitor', ending).finally(() => view.stop('ran'))
}

/** Loaded at the end, so that no start waits for it. */
async function figures(loaded: Loaded) {
  return (await import('../final-figures.js')).finalFigures(loaded)
}

/** Undoes a start, but waits no longer than a moment for a config or a storage that takes its time. */
async function giveUp(runner: Runner, starting: Promise<void>, view: View): Promise<void> {
  const settled = starting.then(
    () => true,
    () => true,
  )
  const stopping = runner.stop().catch(() => undefined)
  if (await within(systemClock, settled, GRACE)) await stopping
  view.stop('interrupted')
}

async function createView({ log, verbose = false }: RunOptions): Promise<View> {
  const isTable = log === 'table' || (log === undefined && process.stdout.isTTY)
  if (!isTable) return new JsonLog(verbose)
  const { LiveTable } = await import('../ui/live-table.js')
  return new LiveTable(verbose)
}
