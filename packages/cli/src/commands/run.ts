import { isUptimeError, messageOf, type Runner } from '@uptimeserver/core'
import { createRunner } from '../default-storage.js'
import { inFile, loadConfig } from '../load-config.js'
import { JsonLog } from '../ui/json-log.js'

export interface RunOptions {
  readonly config?: string
  readonly log?: 'table' | 'json'
  readonly verbose?: boolean
}

/** What shows a running monitor to whoever watches. */
export interface View {
  start(runner: Runner): void
  /** Listens for somebody who asks for the end otherwise than by a signal. */
  onQuit?(quit: () => void): void
  /** Something that no service is to blame for. */
  incident(message: string, fields?: object): void
  /** @param ran whether there is anything to sum up */
  stop(ran: boolean): void
}

/** `uptime run`: until a signal. */
export async function run(options: RunOptions): Promise<void> {
  const { path, folder, input } = await loadConfig(options.config)
  const view = await createView(options)
  const log = { debug() {}, info() {}, warn: view.incident.bind(view), error: view.incident.bind(view) }
  const runner = createRunner(input, { folder, log })
  const stopped = untilAsked(view)
  guard(view)
  view.start(runner)
  try {
    await runner.start()
  } catch (error) {
    view.stop(false)
    throw inFile(error, path)
  }
  await stopped
  await runner.stop().finally(() => view.stop(true))
}

async function createView({ log, verbose = false }: RunOptions): Promise<View> {
  const isTable = log === 'table' || (log === undefined && process.stdout.isTTY)
  if (!isTable) return new JsonLog(verbose)
  const { LiveTable } = await import('../ui/live-table.js')
  return new LiveTable(verbose)
}

/** The first signal (or key) asks for a clean end; the second takes it. */
function untilAsked(view: View): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
    view.onQuit?.(stop)
  })
}

/** A plugin that throws outside of its check must not take the monitor down with it. */
function guard(view: View): void {
  const tell = (error: unknown) => {
    const stack = isUptimeError(error) ? undefined : (error as Error | undefined)?.stack
    view.incident(`a plugin threw outside of its check: ${messageOf(error)}`, { stack })
  }
  process.on('uncaughtException', tell)
  process.on('unhandledRejection', tell)
}
