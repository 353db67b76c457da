import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { plural } from '../ui/format.js'
import { readWaiting } from '../waiting.js'
import type { Examined } from './config.js'
import { type Finding, ok, problem, warning } from './finding.js'
import { nearestFolder, spaceIn, whyNotWritable } from './folder.js'

const OTHERS = 0o077

/** Whether facts could wait on disk while the storage is away, and whether any do. */
export async function judgeJournal({ config, folder: base }: Examined): Promise<readonly Finding[]> {
  if (config.journal.folder === undefined)
    return [warning('journal', 'facts that wait are in memory only', 'name a journal.folder in the config')]
  const folder = resolve(base, config.journal.folder)
  const nearest = await nearestFolder(folder)
  const trouble = await troubleWith(nearest, nearest === folder)
  if (trouble) return [trouble]
  const { state, text } = await spaceIn(nearest)
  if (state !== 'ok')
    return [{ check: 'journal', state, found: `${nearest}: only ${text}`, mend: 'make room on that disk' }]
  if (nearest !== folder) return [ok('journal', `${folder} is made when a fact has to wait; ${text}`)]
  return [ok('journal', `${folder} is private and can be written to; ${text}`), ...(await waitingIn(folder))]
}

/** @param isOwn whether it is the journal's own folder, and not one above it */
async function troubleWith(folder: string, isOwn: boolean): Promise<Finding | undefined> {
  const found = await stat(folder)
  if (!found.isDirectory()) return problem('journal', `${folder} is no folder`, 'name another journal.folder')
  const why = await whyNotWritable(folder)
  if (why) return problem('journal', `${folder}: ${why}`, 'let the user who runs the monitor write there')
  const isOpen = isOwn && process.platform !== 'win32' && (found.mode & OTHERS) !== 0
  const mode = (found.mode & 0o777).toString(8)
  if (isOpen)
    return warning('journal', `others may look into ${folder} (mode ${mode})`, `chmod 700 ${folder}`)
  return undefined
}

async function waitingIn(folder: string): Promise<Finding[]> {
  const { files } = await readWaiting(folder)
  const count = (isRefused: boolean) =>
    files.filter((file) => file.isRefused === isRefused).reduce((sum, { facts }) => sum + facts.length, 0)
  const [waiting, refused] = [count(false), count(true)]
  return [
    ...(waiting ? [warning('journal', `${plural(waiting, 'fact')} not stored yet`, WAITING)] : []),
    ...(refused ? [warning('journal', `${plural(refused, 'fact')} refused`, REFUSED)] : []),
  ]
}

const WAITING =
  'a monitor that leads with this folder delivers them when the storage takes them; `uptime journal` shows them'
const REFUSED = 'look at them with `uptime journal --facts`, then move their file away'
