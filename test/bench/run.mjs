// pnpm bench [--quick] [--only cpu,elasticsearch,hanging,ingress,lateness,memory,mongo,sla,startup,storage]
// Measures, prints, and writes RESULTS.md beside itself when everything was measured in full.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createJiti } from 'jiti'
import { cpuRows } from './cpu.mjs'
import { elasticsearchRows } from './elasticsearch.mjs'
import { hangingRows } from './hanging.mjs'
import { ingressRows } from './ingress.mjs'
import { latenessRows } from './lateness.mjs'
import { memoryRows } from './memory.mjs'
import { mongoRows } from './mongo.mjs'
import { slaRows } from './sla.mjs'
import { startupRows } from './startup.mjs'
import { storageRows } from './storage.mjs'

const PARTS = {
  startup: startupRows,
  memory: memoryRows,
  storage: storageRows,
  sla: slaRows,
  mongo: mongoRows,
  elasticsearch: elasticsearchRows,
  ingress: ingressRows,
  lateness: latenessRows,
  hanging: hangingRows,
  cpu: cpuRows,
}
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const chosen = values.only?.split(',') ?? Object.keys(PARTS)
const size = values.quick ? { rounds: 1, seconds: 3 } : { rounds: 5, seconds: 8 }
const left = []
const say = (line) => {
  console.log(line)
  if (line.startsWith('LEFT OUT')) left.push(line)
}

const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
const { Authority } = await createJiti(import.meta.url).import('../servers/certificates.ts')
const authority = await Authority.create()
const { cert, key } = await authority.issue()
const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
writeFileSync(files.certificate, cert)
writeFileSync(files.key, key)

const rows = []
for (const part of chosen) {
  say(`\n${part}`)
  const made = await PARTS[part]({
    ...size,
    ...files,
    ca: authority.ca,
    say,
    seconds: part === 'lateness' && !values.quick ? 30 : size.seconds,
  })
  for (const row of made)
    say(`  ${row.what}: ${row.ours} against ${row.theirs} (${row.against}): ${shown(row)} ${verdict(row)}`)
  rows.push(...made)
}
rmSync(folder, { recursive: true })

if (!values.quick && !values.only) writeResults(rows)

function value(row) {
  return row.ratio ?? row.value
}

function shown(row) {
  return row.ratio === undefined ? `${row.value} ${row.unit}` : `${row.ratio.toFixed(2)} ×`
}

function target(row) {
  if (row.target === undefined) return '–'
  const unit = row.ratio === undefined ? ` ${row.unit}` : ' ×'
  return `${row.atLeast ? '≥' : '≤'} ${row.target}${unit}`
}

function verdict(row) {
  if (row.target === undefined) return ''
  const isMet = row.atLeast ? value(row) >= row.target : value(row) <= row.target
  return isMet ? 'met' : 'MISSED'
}

function writeResults(rows) {
  const path = join(import.meta.dirname, 'RESULTS.md')
  const old = readFileSync(path, 'utf8')
  const notes = old.slice(old.indexOf('## What it means'))
  const table = rows.map(
    (row) =>
      `| ${row.what} | ${row.ours} | ${row.against} | ${row.theirs} | ${shown(row)} | ${target(row)} | ${verdict(row)} |`,
  )
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`
  const text = `# Measured

Written by \`pnpm bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine}.
Both sides of a row run in turn, round by round, each in a process of its own; a ratio is the median of the rounds'
ratios. The figures of one row were taken in one run; absolute ones are worth little on a shared machine.

| what | here | against | there | ratio | target | |
|---|---|---|---|---|---|---|
${table.join('\n')}
${left.map((line) => `\n${line}\n`).join('')}
${notes}`
  writeFileSync(path, text)
  console.log(`\nwritten to ${path}`)
}
