import { get } from 'node:http'
import { messageOf } from '@uptimeserver/core'
import { type Address, DEFAULT_ADDRESS, parseAddress, showAddress } from '../health/address.js'
import type { HealthJson } from '../health/server.js'
import { describeStanding } from '../standing.js'
import { printLine } from '../ui/print.js'

/** How long a monitor may take to answer, in ms. One whose event loop stands still for longer is not well. */
const PATIENCE = 5_000

/** `uptime health`: asks a monitor that runs with --health, and says it by the exit code. */
export async function health(text = DEFAULT_ADDRESS): Promise<void> {
  const address = parseAddress('uptime health', text)
  const { isWell, said } = await ask(address).catch((error) => ({
    isWell: false,
    said: `${showAddress(address)} gives no answer: ${messageOf(error)}`,
  }))
  printLine(said)
  if (!isWell) process.exitCode = 1
}

async function ask(address: Address): Promise<{ isWell: boolean; said: string }> {
  const { code, body } = await read(address)
  const health = asHealth(body)
  if (!health) throw new Error('something else listens there')
  const said = health.status === 'running' ? describeStanding(health) : health.status
  return { isWell: code === 200, said: `${code === 200 ? 'ready' : 'not ready'}: ${said}` }
}

/** By hand: `fetch` costs more to load than all the rest of this command. */
function read({ host, port }: Address): Promise<{ code: number | undefined; body: string }> {
  const signal = AbortSignal.timeout(PATIENCE)
  return new Promise((resolve, reject) => {
    const onLate = () => reject(new Error(`not within ${PATIENCE / 1_000}s`))
    signal.addEventListener('abort', onLate, { once: true })
    const request = get({ host, port, path: '/ready', agent: false, signal }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        body = (body + chunk).slice(0, 4_096)
      })
      response.on('end', () => resolve({ code: response.statusCode, body })).on('error', reject)
    })
    request.on('error', reject)
  })
}

function asHealth(body: string): HealthJson | undefined {
  try {
    const health = JSON.parse(body) as HealthJson
    return STATUSES.has(health.status) ? health : undefined
  } catch {
    return undefined
  }
}

const STATUSES = new Set<unknown>(['starting', 'running', 'stopping'])
