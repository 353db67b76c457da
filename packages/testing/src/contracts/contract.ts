/** `test` of vitest, of `node:test`, or anything else that takes a name and a body. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown

export type Cases<Fixture> = Readonly<Record<string, (fixture: Fixture) => Promise<void>>>

/** Registers one test per case, each with a fixture of its own. */
export function registerCases<Fixture extends { readonly dispose?: () => unknown }>(
  test: TestFunction,
  cases: Cases<Fixture>,
  setup: () => Fixture | Promise<Fixture>,
): void {
  for (const [name, body] of Object.entries(cases)) {
    test(name, async () => {
      const fixture = await setup()
      try {
        await body(fixture)
      } finally {
        await fixture.dispose?.()
      }
    })
  }
}
