import { formatDuration, parseDuration } from '@uptimeserver/core'
import { lagOf, type Member } from './member.js'
import type { CheckOptions, Requirement } from './options.js'

/** What is wrong with a deployment. Pure, so that every combination can be tried. */
export function faultsOf(members: readonly Member[], options: CheckOptions): string[] {
  return [
    ...missing(members, options.require ?? 'any'),
    ...behind(members, options.maxReplicationLag),
    ...tooOld(members, options.minVersion),
  ]
}

function missing(members: readonly Member[], require: Requirement): string[] {
  const needed = neededOf(members, require)
  const up = members.filter(({ isUp }) => isUp)
  if (require === 'primary' && !up.some(takesWrites))
    return ['no member takes writes', ...problemsOf(members)]
  if (up.length >= needed) return []
  const share = `${up.length} of ${members.length} members answer, ${needed} required`
  return [share, ...problemsOf(members)]
}

/** How many must answer. */
export function neededOf(members: readonly Member[], require: Requirement): number {
  if (typeof require === 'number') return require
  return require === 'majority' ? Math.floor(members.length / 2) + 1 : 1
}

const takesWrites = ({ state }: Member) => state === 'primary' || state === 'standalone' || state === 'mongos'

function problemsOf(members: readonly Member[]): string[] {
  return members.flatMap(({ host, problem }) => {
    if (problem === undefined) return []
    return problem.includes(host) && host.includes(':') ? problem : `${host}: ${problem}`
  })
}

function behind(members: readonly Member[], most: CheckOptions['maxReplicationLag']): string[] {
  if (most === undefined) return []
  const limit = parseDuration(most)!
  return members.flatMap((member) => {
    const lag = member.isUp ? lagOf(member, members) : undefined
    if (lag === undefined || lag <= limit) return []
    return `${member.host} is ${formatDuration(lag)} behind the primary, expected ${formatDuration(limit)} at most`
  })
}

function tooOld(members: readonly Member[], least: string | undefined): string[] {
  if (least === undefined) return []
  return members.flatMap(({ host, version }) =>
    version !== undefined && isOlder(version, least)
      ? `${host} is version ${version}, expected ${least} or later`
      : [],
  )
}

function isOlder(version: string, least: string): boolean {
  const [has, wants] = [version, least].map((text) => text.split(/[.-]/).slice(0, 3).map(Number))
  for (let i = 0; i < wants!.length; i++) {
    const difference = (has![i] ?? 0) - wants![i]!
    if (difference) return difference < 0
  }
  return false
}
