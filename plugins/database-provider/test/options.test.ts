import { secret } from '@uptimeserver/core'
import { databaseProvider } from '@uptimeserver/database-provider'
import { expect, test } from 'vitest'
import { page } from './support/page.js'

const types = { page }
const uri = 'postgres://shop:hunter2@db.example/uptime'
const mongo = 'mongodb://shop:hunter2@db.example/uptime'
const query = 'SELECT 1'
const problemsOf = (options: object) => databaseProvider({ uri, query, types, ...options }).problems ?? []

test.each([
  ['PostgreSQL', {}],
  [
    'everything',
    { name: 'a', every: '1s', listen: 'Ünïcode', row: () => ({}), limit: 100_000, timeout: '10m', tls: {} },
  ],
  ['a Unix socket', { uri: 'postgresql:///uptime?host=/run/postgresql' }],
  ['a Unix socket with a user', { uri: 'postgres://shop@/uptime?host=/run/postgresql' }],
  ['a secret', { uri: secret(uri) }],
  ['MongoDB', { uri: mongo, query: { collection: 'services', filter: {}, projection: {} }, watch: true }],
  ['a set', { uri: 'mongodb://a:1,b:2/uptime?replicaSet=rs0', query: { collection: 'services' } }],
  [
    'SRV',
    { uri: 'mongodb+srv://db.example/uptime', query: { collection: 'services' }, tls: { insecure: true } },
  ],
])('%s is a way to say it', (_, options) => {
  expect(problemsOf(options)).toEqual([])
})

test.each([
  ['no URI', { uri: undefined }, 'uri', /./],
  ['another database', { uri: 'mysql://db/uptime' }, 'uri', /^a URI such as 'postgres:/],
  ['an @ in a password', { uri: 'postgres://shop:hun/ter@2@db/uptime' }, 'uri', /percent-encode @/],
  ['several hosts', { uri: 'postgres://a:1,b:2/uptime' }, 'uri', /one host and its port$/],
  ['a wrong secret', { uri: secret('hunter2') }, 'uri', /^a URI such as/],
  ['no database', { uri: 'mongodb://db', query: { collection: 'a' } }, 'uri', /^a URI that names a database/],
  ['no hosts', { uri: 'mongodb:///uptime', query: { collection: 'a' } }, 'uri', /^a URI such as/],
  ['SQL for MongoDB', { uri: mongo }, 'query', /^a text of SQL for postgres/],
  ['a collection for PostgreSQL', { query: { collection: 'a' } }, 'query', /^a text of SQL for postgres/],
  ['no query', { query: '' }, 'query', /^a text of SQL, or/],
  ['a query that is misspelt', { query: { collecton: 'a' } }, /^query/, /./],
  ['a channel for MongoDB', { uri: mongo, query: { collection: 'a' }, listen: 'x' }, 'listen', /watch/],
  ['a change stream for PostgreSQL', { watch: true }, 'watch', /listen/],
  ['a channel that is too long', { listen: 'ü'.repeat(32) }, 'listen', /of 1 to 63 bytes/],
  ['TLS twice', { uri: `${uri}?sslmode=require`, tls: {} }, 'tls', /^either `tls`, or sslmode/],
  ['too many rows', { limit: 100_001 }, 'limit', /from 1 to 100000$/],
  ['too often', { every: '500ms' }, 'every', /from 1s to 1d$/],
  ['no types', { types: {} }, 'types', /^at least one factory/],
  ['no function', { row: 'x' }, 'row', /^a function \(row\) => entry$/],
  ['something else', { poll: '1s' }, 'poll', /^one of /],
])(
  '%s is told with where it stands and what is expected, without the password',
  (_, options, path, expected) => {
    const problems = problemsOf(options)
    expect(problems).toHaveLength(1)
    expect(problems[0]!.path).toMatch(path)
    expect(problems[0]!.expected).toMatch(expected)
    expect(JSON.stringify(problems)).not.toMatch(/hunter|hun\/ter/)
  },
)

test('what it makes services of is said, for editors', () => {
  expect(databaseProvider({ uri, query, types })).toMatchObject({ name: 'database', types })
})
