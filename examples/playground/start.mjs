import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startShop } from './shop.mjs'

// The shop lives here, the monitor in a process of its own, as it would in real life.
const { url, server } = await startShop()
console.log(`The shop is open at ${url}; its checkout fails every 40 s. Ctrl-C ends.\n`)

const command = join(import.meta.dirname, 'node_modules', '.bin', 'uptime')
const uptime = spawn(command, process.argv.slice(2), {
  cwd: import.meta.dirname,
  env: { ...process.env, SHOP_URL: url },
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
// Ctrl-C reaches both; the monitor ends first, with its summary.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)
uptime.on('exit', (code) => {
  server.close()
  server.closeAllConnections()
  process.exitCode = code ?? 1
})
