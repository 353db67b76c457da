import { join } from 'node:path'
import { command, hasOrInstalls } from './tools.js'

/** Whether Python can make environments here, or can be made to. */
export function hasVenv(): Promise<boolean> {
  return hasOrInstalls('python3', ['python3', 'python3-venv'], '-c', 'import venv, ensurepip')
}

/** An environment of Python in `folder`, with packages in it. */
export async function createVenv(folder: string, packages: readonly string[]): Promise<void> {
  await command('python3', ['-m', 'venv', folder])
  const quietly = ['install', '--quiet', '--disable-pip-version-check']
  await command(join(folder, 'bin', 'pip'), [...quietly, ...packages])
}
