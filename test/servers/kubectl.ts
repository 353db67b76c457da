import { join } from 'node:path'
import { command, hasOrInstalls, Unavailable } from './tools.js'

export type Kubectl = (kubeconfig: string, ...args: readonly string[]) => ReturnType<typeof command>

/** The command that people use, for a test that promises what it shows. */
export async function obtainKubectl(): Promise<Kubectl> {
  if (!(await hasOrInstalls('kubectl', ['kubernetes-client'], 'version', '--client')))
    throw new Unavailable('kubectl is missing', 'apt-get install kubernetes-client')
  // What it knows of a server goes with the server's folder.
  return (kubeconfig, ...args) =>
    command('kubectl', args, {
      env: { ...process.env, KUBECONFIG: kubeconfig, HOME: join(kubeconfig, '..') },
    })
}
