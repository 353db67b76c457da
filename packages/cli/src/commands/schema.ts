import { type Provider, type ServiceTypes, UptimeError } from '@uptimeserver/core'
import { toJson } from '../json.js'
import { loadResolved } from '../load-config.js'
import { save } from '../save.js'
import { fileSchema } from '../schema/file-schema.js'
import { green } from '../ui/colors.js'
import { printLine } from '../ui/print.js'

export interface SchemaOptions {
  readonly config?: string
  readonly provider?: string
  readonly out?: string
}

/** `uptime schema`: what files that hold services may say, for editors. */
export async function schema({ config: named, provider, out }: SchemaOptions): Promise<void> {
  const { config } = await loadResolved(named)
  const types = typesOf(providersOf(config.providers, provider))
  const text = `${toJson(fileSchema(types), 2)}\n`
  if (out === undefined) process.stdout.write(text)
  else save('--out', out, text)
  if (out !== undefined) printLine(green('wrote'), ` ${out}: ${Object.keys(types).join(', ')}`)
}

type Typed = Provider & { readonly types: ServiceTypes }

/** Those that make services of data, or the one that is meant. */
function providersOf(providers: readonly Provider[], name: string | undefined): readonly Typed[] {
  const typed = providers.filter((each): each is Typed => each.types !== undefined)
  const names = typed.map((each) => each.name).join(', ')
  if (!typed.length) {
    const mend = "add one, such as fileProvider({ files: 'services/*.yaml', types: { http } })"
    throw new UptimeError('CONFIG_INVALID', `no provider of this config makes services of data; ${mend}`)
  }
  const chosen = name === undefined ? typed : typed.filter((each) => each.name === name)
  if (chosen.length) return chosen
  throw new UptimeError('NOT_FOUND', `--provider: found "${name}", expected one of ${names}`)
}

/** The types of all of them. One file may be read by any, so a name must mean the same to each. */
function typesOf(providers: readonly Typed[]): ServiceTypes {
  const types: Record<string, ServiceTypes[string]> = {}
  for (const provider of providers)
    for (const [name, type] of Object.entries(provider.types)) {
      types[name] ??= type
      if (types[name] !== type)
        throw new UptimeError(
          'CONFIG_INVALID',
          `type ${name} is something else in provider ${provider.name}; name one provider with --provider`,
        )
    }
  return types
}
