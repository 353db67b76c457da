/** One member of a deployment, as a check found it. */
export interface Member {
  /** `host:port` */
  readonly host: string
  readonly state: string
  /** Whether it answered. */
  readonly isUp: boolean
  /** When it last wrote, by its own word, in ms since the epoch. */
  readonly lastWrite?: number | undefined
  readonly version?: string | undefined
  /** Why it did not answer. */
  readonly problem?: string | undefined
}

/** What a server says of itself: https://www.mongodb.com/docs/manual/reference/command/hello/ */
export interface Hello {
  readonly isWritablePrimary?: boolean
  readonly secondary?: boolean
  readonly arbiterOnly?: boolean
  readonly setName?: string
  readonly msg?: string
  readonly primary?: string
  readonly lastWrite?: { readonly lastWriteDate?: Date }
}

/** In the words of the driver's specification, shortened. */
export function stateOf({ isWritablePrimary, secondary, arbiterOnly, setName, msg }: Hello): string {
  if (msg === 'isdbgrid') return 'mongos'
  if (!setName) return 'standalone'
  if (isWritablePrimary) return 'primary'
  if (secondary) return 'secondary'
  return arbiterOnly ? 'arbiter' : 'other'
}

/** How far a member is behind the primary, in ms; `undefined` where nobody can tell. */
export function lagOf({ state, lastWrite }: Member, members: readonly Member[]): number | undefined {
  const primary = members.find(({ state, isUp }) => state === 'primary' && isUp)
  if (state !== 'secondary' || lastWrite === undefined || primary?.lastWrite === undefined) return undefined
  return Math.max(0, primary.lastWrite - lastWrite)
}
