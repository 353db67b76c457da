import { isUptimeError, messageOf } from '@uptimeserver/core'
import { colorsFor } from './ui/colors.js'

/** Nothing was started because of what the user wrote, or where it points. */
const EXIT_WRONG = 2
const EXIT_FAILED = 1

/** Says what went wrong and ends the process. */
export function fail(error: unknown): never {
  const isWrong = isUptimeError(error) && /^(CONFIG|STORAGE)_/.test(error.code)
  const stack = isUptimeError(error) ? '' : `\n${(error as Error | undefined)?.stack ?? ''}`
  process.stderr.write(`${colorsFor(process.stderr).red('error')} ${messageOf(error)}${stack}\n`)
  process.exit(isWrong ? EXIT_WRONG : EXIT_FAILED)
}
