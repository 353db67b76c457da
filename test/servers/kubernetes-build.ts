import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { obtained } from './cache.js'
import { findGo, type Go } from './kubernetes-go.js'
import { command } from './tools.js'

/** The Go module that says what is built, in which versions. */
const MODULE = fileURLToPath(new URL('kubernetes', import.meta.url))
const KUBERNETES = 'k8s.io/kubernetes'
const ETCD = 'go.etcd.io/etcd/server/v3'

/** The folder with `kube-apiserver` and `etcd`, built from source the first time: some 5 minutes. */
export function obtainKubernetes(): Promise<string> {
  return obtained(`kubernetes-${versionOf(KUBERNETES)}-etcd-${versionOf(ETCD)}`, async (folder) => {
    const work = `${folder}.build`
    // One that was killed has left it.
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work)
    try {
      for (const file of ['go.mod', 'go.sum']) copyFileSync(join(MODULE, file), join(work, file))
      const go = await findGo(work)
      await build(go, work, ['-s -w'], ETCD, join(folder, 'etcd'))
      await build(
        go,
        work,
        ['-s -w', ...versionFlags()],
        `${KUBERNETES}/cmd/kube-apiserver`,
        join(folder, 'kube-apiserver'),
      )
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  })
}

async function build(go: Go, cwd: string, ldflags: readonly string[], from: string, to: string) {
  const env = {
    ...{ CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOTMPDIR: cwd },
    GOFLAGS: `-mod=readonly -trimpath -buildvcs=false ${go.env.GOFLAGS ?? ''}`,
  }
  await command(go.command, ['build', '-ldflags', ldflags.join(' '), '-o', to, from], {
    cwd,
    env: { ...process.env, ...go.env, ...env },
  })
}

/** Without them it says that it is v0.0.0, and clients that look at versions do other things. */
function versionFlags(): readonly string[] {
  const version = versionOf(KUBERNETES)
  const [major, minor] = version.split('.')
  const values = {
    ...{ gitMajor: major, gitMinor: minor, gitVersion: `v${version}` },
    gitTreeState: 'clean',
  }
  return Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
}

function versionOf(module: string): string {
  const found = new RegExp(`^\\t${module} v(\\S+)`, 'm').exec(readFileSync(join(MODULE, 'go.mod'), 'utf8'))
  if (!found) throw new Error(`${MODULE}/go.mod does not require ${module}`)
  return found[1]!
}
