import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { hasOrInstalls } from '../../../test/servers/tools.js'
import { Project, sleep } from '../../../test/support/uptime.js'
import { forBash, wordsIn } from '../src/completion/bash-line.js'
import { complete } from '../src/completion/complete.js'

const BIN = join(import.meta.dirname, '../dist/bin.js')

/** Stands for the command: it completes as ever, and otherwise says what it was told. */
const ECHO = `#!/bin/sh
case $1 in
  complet*) exec "${process.execPath}" "${BIN}" "$@" ;;
esac
printf 'GOT'; printf '[%s]' "$@"; printf ';\\n'
`
const SHELLS = {
  bash: {
    start: 'bash --norc -i',
    ready: 'PS1="READY> "; source <(uptime completion bash)',
  },
  zsh: {
    start: 'zsh -f -i',
    ready: 'PS1="READY> "; autoload -U compinit; compinit -u -D; source <(uptime completion zsh)',
  },
  fish: {
    start: 'fish --no-config -i',
    ready: 'function fish_prompt; echo "READY> "; end; uptime completion fish | source',
  },
} as const

let project: Project
beforeAll(() => {
  project = new Project({
    'uptime.config.mjs': `
      import { http } from 'uptimeserver'
      export default { services: [
        http('http://127.0.0.1:9/', { name: 'my shop', category: 'infra', labels: { team: 'sales' } }),
        http('http://127.0.0.1:9/', { name: 'web:admin', category: 'infra' }),
      ] }`,
  })
  mkdirSync(project.path('bin'))
  project.write('bin/uptime', ECHO)
  chmodSync(project.path('bin/uptime'), 0o755)
})
afterAll(() => project[Symbol.dispose]())

/** Types lines into a shell on a (pseudo) terminal, and tells what the command got for each. */
async function typed(shell: keyof typeof SHELLS, lines: readonly string[]): Promise<string[]> {
  const { start, ready } = SHELLS[shell]
  const path = `${project.path('bin')}:${process.env.PATH}`
  const child = spawn('script', ['-qefc', `stty cols 200 rows 50; exec ${start}`, '/dev/null'], {
    cwd: project.folder,
    env: { ...process.env, PATH: path, TERM: 'dumb', HOME: project.folder, INPUTRC: '/dev/null' },
  })
  const ended = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const until = async (isThere: () => boolean) => {
    for (const deadline = Date.now() + 30_000; !isThere(); await sleep(20))
      if (Date.now() > deadline) throw new Error(`${shell} did not go on:\n${output}`)
  }
  const got = () => [...output.matchAll(/GOT(\[.*?\]);/g)].map(([, words]) => words!)
  child.stdin.write(`${ready}\r`)
  await until(() => /READY> [^"]*$/.test(output))
  for (const [index, line] of lines.entries()) {
    child.stdin.write(`${line}\r`)
    await until(() => got().length > index)
  }
  child.kill('SIGKILL')
  await ended
  return got()
}

async function insistOn(shell: string, { skip }: TestContext): Promise<void> {
  if (process.platform !== 'linux') skip('needs script(1) of util-linux')
  if (!(await hasOrInstalls(shell, [shell]))) skip(`${shell} is missing; apt-get install ${shell}`)
}

describe.each(['bash', 'zsh', 'fish'] as const)(
  '%s, with the script that it was given, completes',
  (shell) => {
    test('commands, their commands, options, and values that options may have', async (context) => {
      await insistOn(shell, context)
      const lines = ['st', 'maintenance ad', '--verb', 'sla --peri', 'sla --period mo', 'run --log=js']
      const got = await typed(
        shell,
        lines.map((line) => `uptime ${line}\t`),
      )
      expect(got).toEqual([
        ...['[status]', '[maintenance][add]', '[--verbose]'],
        ...['[sla][--period]', '[sla][--period][month]', '[run][--log=json]'],
      ])
    })

    test('names of services as one word each, categories and labels of the config, and files', async (context) => {
      await insistOn(shell, context)
      const lines = [
        'status my',
        'status web:a',
        'check --category in',
        'sla --label te',
        'run --config upti',
      ]
      const got = await typed(
        shell,
        lines.map((line) => `uptime ${line}\t`),
      )
      expect(got).toEqual([
        ...['[status][my shop]', '[status][web:admin]', '[check][--category][infra]'],
        ...['[sla][--label][team=sales]', '[run][--config][uptime.config.mjs]'],
      ])
    })
  },
)

const KILL_LINE = '\u0015'

test.for(['bash', 'zsh', 'fish'] as const)(
  '%s never runs what is typed, to complete it',
  async (shell, context) => {
    await insistOn(shell, context)
    const got = await typed(shell, [`uptime status $(touch made) --js\t${KILL_LINE}uptime over`])
    expect(got).toEqual(['[over]'])
    expect(existsSync(project.path('made'))).toBe(false)
  },
)

/** A program that has of everything one. */
function program(): Command {
  const made = new Command('uptime')
  made.command('run', { isDefault: true }).option('--log <format>').option('--health [address]')
  made.command('secret', { hidden: true })
  const status = made.command('status').description('how it is').argument('[filter...]')
  status.option('--json', 'as JSON').option('-c, --config <file>', 'which')
  status.option('--label <pair>', 'one of many', (value: string, all: string[] = []) => [...all, value])
  return made
}

async function values(...words: string[]): Promise<readonly string[] | 'files'> {
  const names = async (source: string, config?: string) => [{ value: `${source} of ${config}`, about: '' }]
  const found = await complete(program(), words, names)
  return found === 'files' ? found : found.map(({ value }) => value)
}

describe('of a program it is told', () => {
  test('commands that are not hidden, and for options also those of the default command', async () => {
    expect(await values('')).toEqual(['run', 'status', 'help'])
    expect(await values('--')).toEqual(['--help', '--log', '--health'])
  })

  test('each option once, but for those that may be repeated', async () => {
    expect(await values('status', '--json', '--label', 'a=b', '--')).toEqual([
      '--config',
      '--label',
      '--help',
    ])
  })

  test('names by the config that stands on the line', async () => {
    expect(await values('status', '-c', 'other.ts', 'f')).toEqual(['filter of other.ts'])
    expect(await values('status', '--config=other.ts', '--label', '')).toEqual(['label of other.ts'])
    expect(await values('status', '--config', '')).toBe('files')
  })

  test('nothing where it knows nothing, and no options behind --', async () => {
    expect(await values('nonsense', '--log', '')).toEqual([])
    expect(await values('status', '--', '--j')).toEqual([])
  })
})

describe('a line of bash', () => {
  test('is taken apart as bash does, an open quote included', () => {
    expect(wordsIn(`uptime  a\\ b 'c d'"e \\" f" "g h`).map(({ value }) => value)).toEqual([
      ...['uptime', 'a b', 'c de " f', 'g h'],
    ])
    expect(wordsIn('uptime st ').at(-1)).toEqual({ typed: '', value: '' })
    expect(wordsIn('')).toEqual([])
    expect(wordsIn('\\')).toEqual([{ typed: '\\', value: '' }])
  })

  test('gets only what stands behind the last = or :, escaped unless it is quoted', () => {
    const candidates = [{ value: 'web:a b$', about: '' }]
    const word = (text: string) => wordsIn(`uptime ${text}`).at(-1)!
    expect(forBash(word('web:a'), 'a', candidates)).toEqual(['a\\ b\\$'])
    expect(forBash(word('web:'), ':', candidates)).toEqual(['a\\ b\\$'])
    expect(forBash(word('"web:a'), '"web:a', candidates)).toEqual(['web:a b$'])
    expect(forBash(word('we'), 'web and more', candidates)).toEqual(['web:a\\ b\\$'])
  })
})

test('a shell that is none is a wrong command line', async () => {
  const { code, stdout, stderr } = await project.uptime('completion', 'tcsh')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('bash, zsh, fish')
})
