import { vi } from 'vitest'
import type { ExampleCluster } from './kubernetes-example.js'
import { Project, type Running } from './uptime.js'

/** One of the example's instances, as a process of this machine: its config, account and command are those of the pod. */
export class Pod implements AsyncDisposable {
  readonly project: Project
  readonly monitor: Running
  #url = ''

  static async start(cluster: ExampleCluster, mongo: string): Promise<Pod> {
    const project = new Project({
      'uptime.config.ts': (await cluster.config())!,
      kubeconfig: await cluster.kubeconfig(),
    })
    project.usePackages()
    vi.stubEnv('KUBECONFIG', project.path('kubeconfig'))
    vi.stubEnv('MONGO_URI', mongo)
    vi.stubEnv('SHOP_KEY', 'key')
    const pod = new Pod(project)
    const { url } = await pod.monitor.until(({ event }) => event === 'health')
    pod.#url = String(url)
    return pod
  }

  private constructor(project: Project) {
    this.project = project
    // A port of its own: two of them share this machine.
    this.monitor = project.run('--verbose', '--health', '127.0.0.1:0')
  }

  /** What its probes would be told. */
  async answers(): Promise<{ live: boolean; ready: boolean; leading: boolean }> {
    const isWell = (path: string) =>
      fetch(this.#url + path).then(
        ({ ok }) => ok,
        () => false,
      )
    const [live, ready, leading] = await Promise.all(['/live', '/ready', '/leading'].map(isWell))
    return { live: live!, ready: ready!, leading: leading! }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.monitor[Symbol.asyncDispose]()
    this.project[Symbol.dispose]()
  }
}
