import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { all } from '@uptimeserver/core/kit'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { batches, everything, inMemory, openMongo, untilTaken } from './support/record.js'

vi.setConfig({ testTimeout: 600_000 })

const KILLS = 100

const server = forAll(startMongo)

test(`the server is killed ${KILLS} times while facts are written: what was acknowledged is there, once`, async () => {
  const storage = await openMongo(server().url, 'server_kills')
  const facts = batches(5_000)
  let taken = 0
  let isOver = false
  const writing = (async () => {
    while (!isOver && taken < facts.length) {
      await untilTaken(() => storage.record(facts[taken]!))
      taken++
    }
  })()
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(Math.random() * 150)
    const before = taken
    await server().restart()
    await vi.waitFor(() => expect(taken).toBeGreaterThan(before), { timeout: 30_000, interval: 5 })
  }
  isOver = true
  await writing
  expect(await everything(storage)).toEqual(await everything(await inMemory(facts.slice(0, taken))))
  await storage.close()
})

test(`the monitor is killed ${KILLS} times while it writes: what was acknowledged is there, once`, async () => {
  let acknowledged = 0
  const random = () => Math.random() * 120
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = spawn(process.execPath, [JITI, WRITER, server().url, String(acknowledged)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(writer, 'close')
    await new Promise<void>((resolve) => {
      createInterface({ input: writer.stdout }).on('line', (line) => {
        acknowledged = Number(line)
        resolve()
      })
      writer.once('exit', () => resolve())
    })
    await sleep(random())
    writer.kill('SIGKILL')
    await ended
  }
  const storage = await openMongo(server().url, 'monitor_kills', true)
  const log = await all(storage.changes(0))
  expect(log.length).toBeGreaterThanOrEqual(acknowledged)
  // The last one may have been written without anybody hearing of it.
  expect(log.length).toBeLessThanOrEqual(acknowledged + 1)
  expect(acknowledged).toBeGreaterThan(KILLS / 2)
  expect(await everything(storage)).toEqual(
    await everything(await inMemory(batches(5_000).slice(0, log.length))),
  )
  await storage.close()
})

const WRITER = join(import.meta.dirname, 'support', 'writer.ts')
const JITI = join(import.meta.dirname, '../../../node_modules/jiti/lib/jiti-cli.mjs')
