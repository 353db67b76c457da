import { isUptimeError, messageOf } from '@uptimeserver/core'
import { lastAwaited } from './patience.js'
import { cleanLines } from './ui/clean.js'
import { colorsFor } from './ui/colors.js'

/** Nothing was started because of what the user wrote, or where it points. */
const EXIT_WRONG = 2
const EXIT_FAILED = 1

/** Ends the process as soon as all that was written is delivered, whatever plugins may have left open. */
export async function end(code = Number(process.exitCode ?? 0)): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(delivered))
  process.exit(code)
}

/** Says what went wrong and ends the process. */
export async function fail(error: unknown): Promise<never> {
  const isWrong = isUptimeError(error) && /^(CONFIG_|STORAGE_|PERIOD_|NOT_FOUND)/.test(error.code)
  const stack = isUptimeError(error) ? '' : `\n${(error as Error | undefined)?.stack ?? ''}`
  say(`${messageOf(error)}${stack}`)
  return end(isWrong ? EXIT_WRONG : EXIT_FAILED)
}

/** Nothing is left that could go on, and the command is not over: silence would look like success. */
export function failStranded(): void {
  say(`${lastAwaited()} never came to an end: it waits for a promise that nothing is left to settle`)
  process.exit(EXIT_FAILED)
}

/** A reader that has seen enough (`uptime status | head`) is no error. */
export function leave(error: NodeJS.ErrnoException): never {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_FAILED)
}

function say(message: string): void {
  process.stderr.write(`${colorsFor(process.stderr).red('error')} ${cleanLines(message)}\n`)
}

function delivered(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
