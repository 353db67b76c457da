// blackbox_exporter as a contender: probes asked for at a rate, its CPU read from the system's own accounting.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NAMES = ['prometheus-blackbox-exporter', 'blackbox_exporter']
const WARM_UP = 2_000
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** The command, or `undefined` where it is not installed. */
export function findBlackbox() {
  return NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
}

export async function startBlackbox(command, ca) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-blackbox-'))
  const config = join(folder, 'blackbox.yml')
  writeFileSync(join(folder, 'ca.pem'), ca)
  writeFileSync(
    config,
    `modules:\n  fresh: { prober: http, timeout: 10s }\n  tls: { prober: http, timeout: 10s, http: { tls_config: { ca_file: ${join(folder, 'ca.pem')} } } }\n`,
  )
  const port = await freePort()
  const child = spawn(command, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  process.once('exit', () => child.kill('SIGKILL'))
  await untilListening(port)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return {
    stop: () => child.kill('SIGKILL'),
    async run(module, url, rate, ms) {
      const state = { made: 0, done: 0, failed: 0, over: false }
      const began = performance.now()
      const tick = () => {
        const due = ((performance.now() - began) * rate) / 1_000
        while (state.made < due) {
          state.made++
          probe(agent, port, module, url).then((ok) => (ok ? state.done++ : state.failed++))
        }
        if (!state.over) setTimeout(tick, 1)
      }
      tick()
      await sleep(WARM_UP)
      const before = { cpu: cpuOf(child.pid), done: state.done }
      await sleep(ms)
      const checks = state.done - before.done
      const result = { checks, microseconds: (cpuOf(child.pid) - before.cpu) / checks, failed: state.failed }
      state.over = true
      await sleep(200)
      return result
    },
  }
}

function probe(agent, port, module, url) {
  const path = `/probe?module=${module}&target=${encodeURIComponent(url)}`
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text.includes('probe_success 1')))
    }).on('error', () => resolve(false))
  })
}

/** User and system time of a process so far, in microseconds (proc(5)). */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const ticksPerSecond = 100
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function untilListening(port) {
  for (let tries = 0; tries < 100; tries++) {
    const ok = await fetch(`http://127.0.0.1:${port}/-/healthy`).then(
      () => true,
      () => false,
    )
    if (ok) return
    await sleep(50)
  }
  throw new Error('blackbox_exporter does not answer')
}
