import assert from 'node:assert/strict'
import { type Service, serviceId } from '@uptimeserver/core'
import { quietContext } from './context.js'
import { type Cases, registerCases, type TestFunction } from './contract.js'
import { textsIn } from './sayings.js'

export interface ServiceFixture {
  /** Makes a service whose check passes. Called several times with the same outcome. */
  up(): Service
  /** Makes a service whose check fails. */
  down(): Service
  /** Makes a service whose check waits for something that never comes, until its signal. `null`: it never waits. */
  readonly hanging: (() => Service) | null
  /** Makes a service from options that are wrong. `null`: it takes none. */
  readonly broken: (() => Service) | null
  /** Texts that must show up nowhere: passwords, tokens. */
  readonly secrets?: readonly string[]
  dispose?(): unknown
}

/** How long a check may take to end once its signal is aborted, in ms. */
const PROMPT = 1_000
const LONGEST_REASON = 500

/**
 * The promises every service keeps.
 *
 * @example
 * serviceContract(test, async () => {
 *   const server = await listen()
 *   return {
 *     up: () => greeting({ name: 'a', port: server.port }),
 *     down: () => greeting({ name: 'b', port: 1 }),
 *     hanging: () => greeting({ name: 'c', port: server.silentPort }),
 *     broken: () => greeting({ name: 'd', port: 99_999 }),
 *     dispose: () => server.close(),
 *   }
 * })
 */
export function serviceContract(
  test: TestFunction,
  setup: () => ServiceFixture | Promise<ServiceFixture>,
): void {
  registerCases(test, CASES, setup)
}

const CASES: Cases<ServiceFixture> = {
  'it says what it is': async ({ up }) => {
    const service = up()
    assert.deepEqual(service.problems ?? [], [])
    assert.match(service.kind, /^[a-z][a-z0-9-]*$/, 'a kind is a lower-case word')
    assert.ok(service.name, 'a service has a name')
    await service.close?.()
  },

  'its id is the same each time it is made': async ({ up }) => {
    const [one, other] = [up(), up()]
    assert.equal(serviceId(one), serviceId(other))
    await Promise.all([one.close?.(), other.close?.()])
  },

  'a check that passes returns nothing or a detail that is plain JSON': async ({ up }) => {
    await using(up(), async (service) => {
      const detail = (await service.check(quietContext())) ?? undefined
      if (detail === undefined) return
      assert.ok(!Array.isArray(detail) && typeof detail === 'object', 'a detail is an object')
      assert.deepEqual(JSON.parse(JSON.stringify(detail)), withoutUndefined(detail))
    })
  },

  'a check that fails throws an error with a short reason in one line': async ({ down }) => {
    await using(down(), async (service) => {
      const error = await rejection(service.check(quietContext()))
      assert.ok(error instanceof Error, 'what is thrown is an Error')
      assert.match(error.message, /\S/)
      assert.ok(!/[\r\n]/.test(error.message), `one line: ${error.message}`)
      assert.ok(error.message.length <= LONGEST_REASON, `at most ${LONGEST_REASON} characters`)
    })
  },

  'a check can be made again and again, and side by side': async ({ up, down }) => {
    await using(up(), async (service) => {
      await service.check(quietContext())
      await Promise.all([service.check(quietContext()), service.check(quietContext())])
    })
    await using(down(), async (service) => {
      const checks = [1, 2, 3].map(() => rejection(service.check(quietContext())))
      assert.equal((await Promise.all(checks)).length, 3)
    })
  },

  'a check ends when its signal says so': async ({ hanging }) => {
    if (!hanging) return
    await using(hanging(), async (service) => {
      const stop = new AbortController()
      const ended = rejection(service.check(quietContext(stop.signal)))
      setTimeout(() => stop.abort(new Error('deadline')), 50)
      await promptly(ended, 50 + PROMPT)
    })
  },

  'a check whose signal is aborted already ends at once': async ({ hanging, up }) => {
    await using((hanging ?? up)(), async (service) => {
      await promptly(rejection(service.check(quietContext(AbortSignal.abort(new Error('stopped'))))), PROMPT)
    })
  },

  'closing twice, or unused, harms nothing': async ({ up }) => {
    await up().close?.()
    const service = up()
    await service.check(quietContext())
    await service.close?.()
    await service.close?.()
  },

  'wrong options are problems and no exception': async ({ broken }) => {
    if (!broken) return
    const problems = broken().problems ?? []
    assert.ok(problems.length > 0, 'it has problems')
    for (const { found, expected } of problems)
      assert.ok(found && expected, 'each says what is found and expected')
  },

  'secrets show up nowhere': async ({ up, down, broken, secrets = [] }) => {
    const services = [up(), down(), ...(broken ? [broken()] : [])]
    for (const service of services) {
      const outcome = service.problems?.length
        ? undefined
        : await service.check(quietContext()).catch((error) => error)
      const { kind, name, category, labels, identity, problems } = service
      const shown = textsIn([kind, name, category, labels, identity, problems, outcome])
      for (const secret of secrets) {
        const leak = shown.find((text) => text.includes(secret))
        assert.ok(leak === undefined, `a secret shows in ${leak}`)
      }
      await service.close?.()
    }
  },
}

async function using(service: Service, work: (service: Service) => Promise<void>): Promise<void> {
  try {
    await work(service)
  } finally {
    await service.close?.()
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: 'the check passed, expected it to fail' })
}

async function promptly(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running ${ms} ms later`)), ms)
  })
  await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}
