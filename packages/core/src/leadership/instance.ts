import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** One of the processes that may lead: who it is, and what it knows of others. */
export interface Instance {
  /** Unique for ever; who holds a lease is told by it. */
  readonly id: string
  /** Whether a holder is certainly gone, so that its lease need not be waited out. `false` when that is not known. */
  isGone(holder: string): boolean
}

/** A holder's id, as it is shown to people. */
export interface Holder {
  readonly host: string
  readonly pid: number
}

/**
 * This process: `host/pid/start/machine/random`, where `machine` stands for one boot of one machine and its process
 * numbers, so that a container that shares a host's name is not taken for it. Only Linux tells these; elsewhere nobody
 * is ever certainly gone.
 */
export function thisInstance(): Instance {
  const machine = machineNow()
  const start = startOf(process.pid) ?? '-'
  const parts = [hostname(), process.pid, start, machine ?? '-', randomBytes(5).toString('hex')]
  return { id: parts.join('/'), isGone: (holder) => machine !== undefined && isGone(holder, machine) }
}

export function holderOf(id: string): Holder {
  const [host = id, pid = ''] = id.split('/')
  return { host, pid: Number(pid) || 0 }
}

/** A process number may have been given to another one since; and one of somebody else's may be there, and not to be seen. */
function isGone(holder: string, machine: string): boolean {
  const [, pid, start, itsMachine] = holder.split('/')
  if (itsMachine !== machine || !Number(pid)) return false
  const found = startOf(Number(pid))
  return found === undefined ? isNobody(Number(pid)) : found !== start
}

function isNobody(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function machineNow(): string | undefined {
  return attempt(() => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const processes = readlinkSync('/proc/self/ns/pid')
    return createHash('sha256').update(`${boot} ${processes}`).digest('hex').slice(0, 12)
  })
}

/** When a process began, in clock ticks since the boot: the 22nd field of its `stat`, behind a name that may hold anything. */
function startOf(pid: number): string | undefined {
  return attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  })
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
