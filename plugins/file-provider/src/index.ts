import { definePlugin, type Provider } from '@uptimeserver/core'
import { type FileProviderOptions, schema } from './options.js'
import { FileProvider } from './provider.js'

export type { FileProviderOptions } from './options.js'

/**
 * Takes services from YAML, JSON and TOML files, and follows every change of them.
 *
 * @example
 * fileProvider({
 *   files: 'services/*.yaml',
 *   types: { http },
 *   secrets: { shopKey: secret.env('SHOP_KEY') },
 * })
 */
export const fileProvider = definePlugin<FileProviderOptions, Provider>({
  name: 'file-provider',
  schema,
  create: (options) => new FileProvider(options),
})
