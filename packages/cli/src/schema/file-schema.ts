import type { ServiceType, ServiceTypes } from '@uptimeserver/core'
import { serviceOptions } from '@uptimeserver/core/kit'
import { type JsonSchema, jsonSchemaOf, SECRET_REF } from './json-schema.js'

/** The JSON Schema of files that hold services of these types. */
export function fileSchema(types: ServiceTypes): JsonSchema {
  const names = Object.keys(types)
  const options = Object.fromEntries(names.map((name) => [name, optionsOf(name, types[name]!)]))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Services for Uptime Server',
    ...when({ type: 'array' }, listOf('entry'), { $ref: '#/definitions/file' }),
    definitions: {
      file: FILE,
      entry: { ...entryOf(names, (name) => wholeOf(name, options[name]!.required)), required: ['type'] },
      partial: partialOf(names),
      secret: SECRET,
      ...Object.fromEntries(names.map((name) => [keyOf(name), options[name]!.schema])),
    },
  }
}

const SECRET = {
  description: "a secret that the config lends by this name: secrets: { name: secret.env('NAME') }",
  ...{ type: 'object', properties: { secret: { type: 'string' } } },
  ...{ required: ['secret'], additionalProperties: false },
}

const PATH = { type: 'string', minLength: 1 }

/** What a file's own defaults say is not asked of its entries. */
const FILE: JsonSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    include: {
      description: 'further files, by paths or globs relative to this one',
      anyOf: [PATH, { type: 'array', items: PATH }],
    },
    defaults: {
      description: 'what stands for options that an entry of this file does not give',
      allOf: [{ $ref: '#/definitions/partial' }],
    },
    services: { type: 'array' },
  },
  additionalProperties: false,
  anyOf: [{ required: ['services'] }, { required: ['include'] }],
  ...when({ required: ['defaults'] }, withServices('partial'), withServices('entry')),
}

function wholeOf(name: string, required: readonly unknown[]): JsonSchema {
  return { allOf: [refTo(name), { required }] }
}

function listOf(definition: string): JsonSchema {
  return { type: 'array', items: { $ref: `#/definitions/${definition}` } }
}

function withServices(definition: string): JsonSchema {
  return { properties: { services: listOf(definition) } }
}

/** An entry is told by its type, so that a slip is told as one, and not as none of all types. */
function entryOf(names: readonly string[], ofType: (name: string) => JsonSchema): JsonSchema {
  const isOf = (name: string) => ({ properties: { type: { const: name } }, required: ['type'] })
  return {
    type: 'object',
    properties: { type: { enum: names } },
    allOf: names.map((name) => when(isOf(name), ofType(name))),
  }
}

/** An entry that may have its type and all else from the defaults, or these themselves. */
function partialOf(names: readonly string[]): JsonSchema {
  const ofAny = { anyOf: names.map(refTo) }
  return { ...entryOf(names, refTo), ...when({ required: ['type'] }, {}, ofAny) }
}

function when(condition: JsonSchema, holds: JsonSchema, not: JsonSchema = {}): JsonSchema {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: condition, then: holds, else: not }
}

/** The options of a type, with those that every service takes. */
function optionsOf(
  name: string,
  { spec }: ServiceType,
): { schema: JsonSchema; required: readonly unknown[] } {
  const own = ownOf(spec)
  const { properties: common } = jsonSchemaOf(serviceOptions) as { properties: JsonSchema }
  const { properties, required = [], additionalProperties = true } = own
  const schema = {
    title: name,
    type: 'object',
    properties: { type: { const: name }, ...common, ...properties },
    additionalProperties,
  }
  return { schema, required }
}

interface Own {
  readonly properties?: JsonSchema
  readonly required?: readonly unknown[]
  readonly additionalProperties?: unknown
}

/** Any object where the options are not simply an object, or lean on definitions that would not be found here. */
function ownOf({ schema }: ServiceType['spec']): Own {
  const own = jsonSchemaOf(schema)
  const leans = JSON.stringify(own)?.replaceAll(`"$ref":"${SECRET_REF}"`, '').includes('"$ref"')
  return own?.type === 'object' && !leans ? (own as Own) : {}
}

function keyOf(name: string): string {
  return `type ${name}`
}

function refTo(name: string): JsonSchema {
  const pointer = keyOf(name).replaceAll('~', '~0').replaceAll('/', '~1')
  return { $ref: `#/definitions/${encodeURIComponent(pointer)}` }
}
