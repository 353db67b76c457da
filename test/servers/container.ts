import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { obtained } from './cache.js'
import { command, has, hasOrInstalls, Unavailable } from './tools.js'

/** What a container runs, and by what rights. */
export interface ContainerOptions {
  /** Its files, read-only. */
  readonly root: string
  /** What else it sees: where, which folder, and whether it may write there. */
  readonly mounts: readonly { readonly at: string; readonly folder: string; readonly isWritable: boolean }[]
  /** `1000:1000` */
  readonly user: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** A version of Node as its image has it. */
export async function nodeOf(version: string): Promise<string> {
  const name = `node-linux-${process.arch}`
  const folder = await obtained(`node-${version}`, async (prefix) => {
    const how = ['--no-save', '--no-audit', '--no-fund', '--prefix', prefix]
    await command('npm', ['install', ...how, `${name}@${version}`])
  })
  return join(folder, 'node_modules', name, 'bin', 'node')
}

/** Puts a program where a base image has it, with the libraries that it loads. */
export async function installProgram(root: string, program: string, at: string): Promise<void> {
  const { stdout } = await command('ldd', [program])
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path!)
  for (const [from, to] of [[program, at], ...libraries.map((path) => [path, path])] as [string, string][]) {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    if (!existsSync(join(root, to))) copyFileSync(from, join(root, to))
  }
}

/** What a process sees of devices and other processes is mounted there. */
export function prepareRoot(root: string): void {
  for (const folder of ['proc', 'dev', 'etc']) mkdirSync(join(root, folder), { recursive: true })
  for (const device of DEVICES) writeFileSync(join(root, device), '')
}

const DEVICES = ['dev/null', 'dev/urandom']

/** @throws Unavailable where namespaces cannot be made */
export async function insistOnNamespaces(): Promise<void> {
  const tools = await Promise.all([
    hasOrInstalls('nsenter', ['util-linux']),
    hasOrInstalls('ip', ['iproute2'], '-V'),
  ])
  if (tools.includes(false))
    throw new Unavailable('nsenter or ip is missing', 'apt-get install util-linux iproute2')
  const isAllowed = await has(
    'unshare',
    '--mount',
    '--pid',
    '--net',
    '--fork',
    'mount',
    '-t',
    'proc',
    'proc',
    '/proc',
  )
  if (!isAllowed) throw new Unavailable('namespaces cannot be made', 'run as root')
}

/**
 * A process with a root, a network and process numbers of its own, as a container engine would start it: it is number 1, all but
 * some folders is read-only, and it has no more rights than its user.
 */
export class Container implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #options: ContainerOptions
  readonly #ended: Promise<unknown>

  constructor(options: ContainerOptions, words: readonly string[]) {
    this.#options = options
    const { root, mounts, user } = options
    const script = [
      'set -e',
      `mount --bind "${root}" "${root}"`,
      `mount -o remount,bind,ro "${root}"`,
      ...mounts.flatMap((mount) => mounting(root, mount)),
      ...DEVICES.map((device) => `mount --bind /${device} "${root}/${device}"`),
      `mount -t proc proc "${root}/proc"`,
      'ip link set lo up',
      `exec chroot --userspec=${user} "${root}" "$@"`,
    ].join('\n')
    const apart = ['--mount', '--pid', '--net', '--fork', '--kill-child=SIGKILL']
    this.child = spawn('unshare', [...apart, 'sh', '-c', script, 'sh', ...this.#within(words)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#ended = once(this.child, 'exit')
  }

  /** The number of its first process, as it is seen from outside. */
  get pid(): number {
    const { pid } = this.child
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
  }

  /** Runs a command in it to its end, as `docker exec` does. */
  execute(...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const [user = '', group = user] = this.#options.user.split(':')
    const rights = ['--setuid', user, '--setgid', group]
    const where = ['--target', String(this.pid), '--mount', '--pid', '--net', '--root', '--wd']
    return command('nsenter', [...where, ...rights, '--', ...this.#within(words)])
  }

  /** With its first process all others end; the one in front of it would leave them behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      process.kill(this.pid || this.child.pid!, 'SIGKILL')
    await this.#ended
  }

  #within(words: readonly string[]): string[] {
    const { folder, env } = this.#options
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`)
    return ['/usr/bin/env', '-i', '-C', folder, ...variables, ...words]
  }
}

function mounting(root: string, { at, folder, isWritable }: ContainerOptions['mounts'][number]): string[] {
  const target = `"${root}${at}"`
  const mount = `mount --bind "${folder}" ${target}`
  return isWritable ? [mount] : [mount, `mount -o remount,bind,ro ${target}`]
}
