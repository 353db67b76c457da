import { command, hasOrInstalls, Unavailable } from './tools.js'

/** The environment of a process whose wall clock is apart from ours; its monotonic clock is ours. */
export async function wallClock(settings: Readonly<Record<string, string>>): Promise<NodeJS.ProcessEnv> {
  if (!(await hasOrInstalls('faketime', ['faketime'])))
    throw new Unavailable('libfaketime is missing', 'apt-get install faketime')
  const { stdout } = await command('faketime', ['-m', '-f', '+0s', 'printenv', 'LD_PRELOAD'])
  return {
    LD_PRELOAD: stdout.trim(),
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
    ...settings,
  }
}
