import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { storageContract } from '@uptimeserver/testing'
import { test } from 'vitest'

storageContract(test, () => {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-sqlite-'))
  return {
    create: () => sqliteStorage({ path: join(folder, 'uptime.db') }),
    dispose: () => rmSync(folder, { recursive: true }),
  }
})
