import { definePlugin, type Secret } from '@uptimeserver/core'
import { secretText } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** A check that is always up. */
export const echo = definePlugin<{
  url?: string | undefined
  key?: string | Secret | undefined
  expect?: object | undefined
}>({
  kind: 'echo',
  schema: v.strictObject({
    url: v.optional(v.pipe(v.string(), v.regex(/^https?:/, 'a URL'))),
    key: v.optional(secretText),
    expect: v.optional(
      v.strictObject({ status: v.optional(v.number()), json: v.optional(v.record(v.string(), v.number())) }),
    ),
  }),
  create: ({ url, key }) => ({
    check: async () => ({ url: url ?? '', key: typeof key === 'object' ? key.reveal() : (key ?? '') }),
  }),
})

/** A list of such services, as YAML. */
export function listOf(...names: readonly string[]): string {
  return names.length ? names.map((name) => `- { type: echo, name: ${name} }\n`).join('') : '[]\n'
}
