import type { Service } from '@uptimeserver/core'
import { expect, test } from 'vitest'
import { serviceContract } from '../src/index.js'

const KEY = 'hun"ter\\2'

/** What the contract says of a secret in a service like this. */
async function verdictOn(check: Service['check'], rest: Partial<Service> = {}): Promise<unknown> {
  const bodies = new Map<string, () => Promise<void>>()
  const service = (): Service => ({ kind: 'own', name: 'a', check, ...rest })
  serviceContract(
    (name, body) => bodies.set(name, body),
    () => ({ up: service, down: service, hanging: null, broken: null, secrets: [KEY] }),
  )
  return bodies.get('secrets show up nowhere')!().then(
    () => 'kept',
    ({ message }) => message,
  )
}

const thrown = (error: unknown) => async () => {
  throw error
}
const because = (cause: unknown) => new Error('no answer', { cause })

test('a secret that shows nowhere is kept', async () => {
  expect(await verdictOn(async () => ({ status: 200 }))).toBe('kept')
  expect(await verdictOn(thrown(because(because('refused'))))).toBe('kept')
})

for (const [where, check] of Object.entries({
  'the detail of a good check': async () => ({ headers: { authorization: `Bearer ${KEY}` } }),
  'the name of a field': async () => ({ [KEY]: true }),
  'an error': thrown(new Error(`wrong key ${KEY}`)),
  'what an error carries': thrown(Object.assign(new Error('no'), { detail: { sent: [KEY] } })),
  'the cause of a cause': thrown(because(because(new Error(`wrong key ${KEY}`)))),
  'one error of many': thrown(new AggregateError([new Error(KEY)], 'no')),
  'what is thrown and is no error': thrown({ key: KEY }),
})) {
  test(`a secret in ${where} is found`, async () => {
    expect(await verdictOn(check as Service['check'])).toMatch(/^a secret shows in /)
  })
}

test('a secret is looked for also where the list of problems is there and empty', async () => {
  expect(await verdictOn(thrown(new Error(KEY)), { problems: [] })).toMatch(/^a secret shows in /)
})
