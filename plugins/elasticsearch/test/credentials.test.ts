import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AwsSigner } from '../src/aws.js'
import { parseAuthorization } from './support/sigv4.js'

const REGION = 'eu-central-1'
const folder = mkdtempSync(join(tmpdir(), 'uptime-aws-'))
const url = new URL('https://search.example/')

/** Nothing of this machine's own counts. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
})
afterEach(() => void vi.unstubAllEnvs())

const keyOf = async (signer: AwsSigner) =>
  parseAuthorization((await signer.sign(url)).authorization)?.accessKey
const signer = () => new AwsSigner({ type: 'aws', region: REGION })

test('credentials come from the environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'FROMENV')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  expect(await keyOf(signer())).toBe('FROMENV')
})

test('credentials come from the shared file', async () => {
  const file = join(folder, 'credentials')
  writeFileSync(file, '[default]\naws_access_key_id = FROMFILE\naws_secret_access_key = secret\n')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
  expect(await keyOf(signer())).toBe('FROMFILE')
})

test('credentials that expire are renewed before they do', async () => {
  let asked = 0
  const container = createServer((_, response) => {
    const Expiration = new Date(Date.now() + 60_000).toISOString()
    response.end(
      JSON.stringify({ AccessKeyId: `KEY${++asked}`, SecretAccessKey: 's', Token: 't', Expiration }),
    )
  })
  await new Promise<void>((resolve) => container.listen(0, '127.0.0.1', resolve))
  const { port } = container.address() as { port: number }
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/credentials`)
  const one = signer()
  expect(await keyOf(one)).toBe('KEY1')
  await expect.poll(() => keyOf(one)).not.toBe('KEY1')
  container.close()
})

test('where there are none it is said, and they are looked for again', async () => {
  const one = signer()
  await expect(one.sign(url)).rejects.toThrow(/^no AWS credentials: /)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'LATER')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  expect(await keyOf(one)).toBe('LATER')
})
