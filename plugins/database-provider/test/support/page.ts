import { definePlugin, type Secret } from '@uptimeserver/core'
import { secretText } from '@uptimeserver/core/kit'
import * as v from 'valibot'

interface PageOptions {
  readonly url: string
  readonly key?: string | Secret | undefined
  readonly ok?: boolean | undefined
}

/** Which pages were let go of. */
export const closed: string[] = []

/** A service that is always up: what becomes of the rows is looked at, not of the services. */
export const page = definePlugin<PageOptions>({
  kind: 'page',
  schema: v.strictObject({ url: v.string(), key: v.optional(secretText), ok: v.optional(v.boolean()) }),
  create: ({ url, key }) => ({
    check: async () => ({ url, key: typeof key === 'object' ? key.reveal() : '' }),
    close: () => void closed.push(url),
  }),
})
