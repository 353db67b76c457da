import { type ServiceType, secret } from '@uptimeserver/core'
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'

/** A JSON Schema of draft 7, which every editor reads. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Any library's, as far as it speaks the Standard Schema. */
export type AnySchema = ServiceType['spec']['schema']

type Converter = NonNullable<ConversionConfig['overrideSchema']>
type ValibotSchema = Parameters<typeof toJsonSchema>[0]
/** https://standardschema.dev/json-schema */
type Offer = { readonly jsonSchema?: { input(options: { target: 'draft-07' }): JsonSchema } }

/** Where an entry names a secret that the config lends. */
export const SECRET_REF = '#/definitions/secret'

/** What a schema takes, as JSON; `undefined` where its library does not say. */
export function jsonSchemaOf(schema: AnySchema): JsonSchema | undefined {
  const standard = schema['~standard'] as AnySchema['~standard'] & Offer
  try {
    const { $schema, $defs, ...rest } =
      standard.vendor === 'valibot'
        ? (toJsonSchema(schema as unknown as ValibotSchema, CONVERSION) as JsonSchema)
        : (standard.jsonSchema?.input({ target: 'draft-07' }) ?? {})
    return Object.keys(rest).length ? rest : undefined
  } catch {
    return undefined
  }
}

const CONVERSION: ConversionConfig = {
  target: 'draft-07',
  typeMode: 'input',
  errorMode: 'ignore',
  overrideSchema: (context) => described(convert(context), context.valibotSchema),
  // A check is code: what it wants can only be said.
  overrideAction: ({ valibotAction, jsonSchema, errors }) =>
    errors && jsonSchema.type !== 'object' ? described(jsonSchema, valibotAction) : jsonSchema,
}

type Converted = NonNullable<ReturnType<Converter>>

function convert({ valibotSchema, jsonSchema }: Parameters<Converter>[0]): Converted {
  const { type } = valibotSchema as { type: string }
  // What it is depends on what stands there.
  if (type === 'lazy') return {}
  // No text is an object of a class.
  if (type === 'instance') return { not: {} }
  if (type !== 'custom' || !takesSecret(valibotSchema as unknown as AnySchema)) return jsonSchema
  return { anyOf: [{ type: 'string' }, { $ref: SECRET_REF }] }
}

/** Whether a text that may be secret is meant, and not just anything. */
function takesSecret(schema: AnySchema): boolean {
  const takes = (value: unknown) => {
    const result = schema['~standard'].validate(value)
    return !(result instanceof Promise) && !result.issues
  }
  return takes(secret('any')) && !takes({})
}

/** With what its messages say that it expects. */
function described(jsonSchema: Converted, source: object): Converted {
  const { message } = source as { message?: unknown }
  const isNews = typeof message === 'string' && jsonSchema.description === undefined
  return isNews ? { ...jsonSchema, description: message } : jsonSchema
}
