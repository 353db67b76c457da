import { dirname, resolve } from 'node:path'
import { type Cursor, isUptimeError, messageOf, type Storage } from '@uptimeserver/core'
import { using } from '../open-storage.js'
import { grouped } from '../ui/format.js'
import type { Examined } from './config.js'
import { type Finding, ok, problem } from './finding.js'
import { nearestFolder, spaceIn, whyNotWritable } from './folder.js'
import { judgeLeases } from './leadership.js'

/** Whether the record can be read and written, and who leads by it. Where there is none yet, none is made. */
export async function judgeStorage({ config, folder }: Examined): Promise<readonly Finding[]> {
  const storage = config.storage as Storage
  const options = { monitor: config.monitor, folder }
  try {
    const { last, leadership } = await using(storage, { ...options, readOnly: true }, async () => ({
      last: await storage.cursor(),
      leadership: config.leadership ? [] : await judgeLeases(storage.leases),
    }))
    if (last) await using(storage, options, () => tryWriting(storage))
    const path = fileOf(storage)
    const about = `${storage.name} ${said(last)}`
    return [path ? await judgeDisk(resolve(folder, path), about) : ok('storage', about), ...leadership]
  } catch (error) {
    return [problem('storage', messageOf(error), mendFor(error))]
  }
}

/** Takes away a row that nobody has: a write like any other, after which everything is as before. */
function tryWriting(storage: Storage): Promise<void> {
  return storage.publish([{ key: 'doctor', at: Date.now(), body: null }])
}

function said(last: Cursor): string {
  if (last) return `opens, reads and takes writes; its log has ${grouped(last)} entries`
  return 'opens and reads; nothing is on record yet, so no write was tried'
}

function fileOf(storage: Storage): string | undefined {
  const { path } = storage as { path?: unknown }
  return storage.name === 'sqlite-storage' && typeof path === 'string' ? path : undefined
}

async function judgeDisk(file: string, about: string): Promise<Finding> {
  const folder = await nearestFolder(dirname(file))
  const why = await whyNotWritable(folder)
  if (why) return problem('storage', `${folder}: ${why}`, 'let the user who runs the monitor write there')
  const { state, text } = await spaceIn(folder)
  if (state === 'ok') return ok('storage', `${about}; ${text}`)
  return { check: 'storage', state, found: `${folder}: only ${text}`, mend: 'make room on that disk' }
}

function mendFor(error: unknown): string {
  return (isUptimeError(error) && MENDS[error.code]) || 'mend what the message says, and look again'
}

const MENDS: Readonly<Record<string, string>> = {
  STORAGE_UNREACHABLE: 'start the server, or mend its address, credentials and the network on the way',
  STORAGE_UNWRITABLE: 'let the user who runs the monitor write there',
  STORAGE_FULL: 'make room where the record lies',
  STORAGE_BUSY: 'see who keeps it locked; one monitor writes, the others stand by',
  STORAGE_FOREIGN: 'name another file, database or prefix in the config',
  STORAGE_TOO_NEW: 'update uptimeserver here',
}
