import { rmSync, writeFileSync } from 'node:fs'
import { Project } from './uptime.js'

export interface SwitchOptions {
  /** What else the config says, besides services. */
  readonly settings?: string
  readonly imports?: string
}

/** A project whose services are down while a file is there. What happened is kept, with its times. */
export class Switches implements Disposable {
  readonly project: Project
  readonly names: readonly string[]
  readonly #down = new Set<string>()

  constructor(names: readonly string[], { settings = '', imports = '' }: SwitchOptions = {}) {
    this.names = names
    this.project = new Project()
    this.project.usePackages()
    this.project.write(
      'uptime.config.mjs',
      `import { existsSync } from 'node:fs'
      ${imports}
      const service = (name) => ({ kind: 'switch', name, async check() {
        if (existsSync(${JSON.stringify(this.project.path('down-'))} + name)) throw new Error('switched off')
      } })
      export default {
        every: '200ms', retryEvery: '100ms', attempts: 2, zone: 'UTC',
        lease: { duration: '3s', renew: '2s', retry: '500ms' },
        services: ${JSON.stringify(names)}.map(service), ${settings}
      }`,
    )
  }

  isDown(name: string): boolean {
    return this.#down.has(name)
  }

  set(name: string, isDown: boolean): void {
    const path = this.project.path(`down-${name}`)
    if (isDown) {
      writeFileSync(path, '')
      this.#down.add(name)
    } else {
      rmSync(path, { force: true })
      this.#down.delete(name)
    }
  }

  flip(name: string): void {
    this.set(name, !this.isDown(name))
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]()
  }
}
