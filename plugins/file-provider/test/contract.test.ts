import { fileProvider } from '@uptimeserver/file-provider'
import { providerContract, quietContext } from '@uptimeserver/testing'
import { describe, expect, test } from 'vitest'
import { echo, listOf } from './support/echo.js'
import { Folder } from './support/folder.js'

describe('the contract', () => {
  providerContract(test, () => {
    const folder = new Folder({ 'a.yaml': listOf('shop', 'shop', 'site'), 'b.yaml': '- nothing' })
    return {
      create: () => fileProvider({ files: '*.yaml', cwd: folder.path, types: { echo } }),
      dispose: () => folder[Symbol.dispose](),
    }
  })
})

test('what it makes services of can be asked, for the schema of the files', () => {
  expect(fileProvider({ files: 'a.yaml', types: { echo } }).types).toEqual({ echo })
})

test.each([
  ['no files', { types: { echo } }, 'files'],
  ['an empty list', { files: [], types: { echo } }, 'files'],
  ['only exceptions', { files: ['!a.yaml'], types: { echo } }, 'files'],
  ['no types', { files: 'a.yaml', types: {} }, 'types'],
  ['a poll that never rests', { files: 'a.yaml', types: { echo }, poll: '10ms' }, 'poll'],
  ['a key that nobody knows', { files: 'a.yaml', types: { echo }, file: 'x' }, 'file'],
])('%s is told, and nothing is thrown', (_, options, path) => {
  expect(fileProvider(options as never).problems).toEqual([expect.objectContaining({ path })])
})

test('a folder that is not there is an empty set, which says so', async () => {
  using folder = new Folder()
  const stop = new AbortController()
  const provider = fileProvider({ files: 'no/such/*.yaml', cwd: folder.path, types: { echo } })
  for await (const set of provider.discover(quietContext(stop.signal))) {
    expect(set).toEqual({
      services: [],
      skipped: [{ what: 'no/such/*.yaml', reason: 'there is no such file' }],
    })
    stop.abort()
  }
  expect(stop.signal.aborted).toBe(true)
})

test('whoever turns away leaves nothing behind that keeps the process alive', async () => {
  using folder = new Folder({ 'a.yaml': listOf('shop') })
  const watchers = () =>
    process.getActiveResourcesInfo().filter((each) => /FSEvent|StatWatcher/.test(each)).length
  await expect.poll(watchers).toBe(0)
  const provider = fileProvider({ files: '*.yaml', cwd: folder.path, types: { echo } })
  for await (const { services } of provider.discover(quietContext())) {
    expect(services).toHaveLength(1)
    expect(watchers()).toBeGreaterThan(0)
    break
  }
  await expect.poll(watchers).toBe(0)
})
