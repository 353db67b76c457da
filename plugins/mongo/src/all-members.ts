import { reveal } from '@uptimeserver/core'
import { survey } from '@uptimeserver/core/kit'
import type { MongoClient } from 'mongodb'
import { problemOf } from './client/problems.js'
import type { Deployment } from './deployment.js'
import { neededOf } from './judge.js'
import { type Hello, type Member, stateOf } from './member.js'
import type { CheckOptions } from './options.js'

/** How long the others may take once enough have answered, in ms. */
const GRACE = 500

/** Asks every member that holds data, side by side. Those that hang hold nobody up once enough have answered. */
export async function surveyMembers(
  deployment: Deployment,
  { require = 'any', uri }: CheckOptions,
  signal: AbortSignal,
): Promise<Member[]> {
  await deployment.connect(signal)
  const before = deployment.servers().map(({ address }): Member => {
    return { host: address, state: 'unknown', isUp: false, problem: 'no answer' }
  })
  const found = await survey({
    ...{ before, signal, grace: GRACE, needed: neededOf(before, require) },
    ask: (index, until) => {
      const { host } = before[index]!
      return ask(deployment.member(host), host, until, reveal(uri))
    },
    isWell: ({ isUp }) => isUp,
  })
  signal.throwIfAborted()
  return found
}

async function ask(
  connecting: Promise<MongoClient>,
  host: string,
  signal: AbortSignal,
  uri: string,
): Promise<Member> {
  try {
    const admin = (await connecting).db('admin')
    await admin.command({ ping: 1 }, { signal })
    const hello: Hello = await admin.command({ hello: 1 }, { signal })
    const { version } = await admin.command({ buildInfo: 1 }, { signal })
    const [state, lastWrite] = [stateOf(hello), hello.lastWrite?.lastWriteDate?.getTime()]
    const answered = { host, state, lastWrite, version }
    if (state === 'other') return { ...answered, isUp: false, problem: 'it is neither primary nor secondary' }
    return { ...answered, isUp: true }
  } catch (error) {
    return { host, state: 'unknown', isUp: false, problem: problemOf(error, uri) }
  }
}
