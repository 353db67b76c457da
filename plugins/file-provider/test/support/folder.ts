import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own, with what a test writes into it. */
export class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'uptime-files-')))
  #count = 0

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  at(name: string): string {
    return join(this.path, name)
  }

  /** In place, as an editor may do it. */
  write(name: string, text: string): void {
    mkdirSync(dirname(this.at(name)), { recursive: true })
    writeFileSync(this.at(name), text)
  }

  /** Beside it and then over it, as a careful program does it. */
  replace(name: string, text: string): void {
    const beside = `${name}.${++this.#count}.tmp`
    this.write(beside, text)
    renameSync(this.at(beside), this.at(name))
  }

  remove(name: string): void {
    rmSync(this.at(name), { recursive: true, force: true })
  }

  rename(from: string, to: string): void {
    renameSync(this.at(from), this.at(to))
  }

  /** As the kubelet writes a ConfigMap: a new folder, and `..data` turned to it in one step. */
  mount(folder: string, files: Readonly<Record<string, string>>): void {
    const version = `..2026_11_28_${++this.#count}`
    for (const [name, text] of Object.entries(files)) this.write(`${folder}/${version}/${name}`, text)
    symlinkSync(version, this.at(`${folder}/..data_tmp`))
    this.rename(`${folder}/..data_tmp`, `${folder}/..data`)
  }

  link(target: string, name: string): void {
    symlinkSync(target, this.at(name))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
