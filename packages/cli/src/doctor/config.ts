import { relative } from 'node:path'
import { isUptimeError, messageOf, type ResolvedConfig } from '@uptimeserver/core'
import { type Loaded, loadResolved } from '../load-config.js'
import { plural } from '../ui/format.js'
import { type Finding, ok, problem, warning } from './finding.js'

/** The oldest Node that the packages are made for. */
const OLDEST = [20, 19] as const

export function judgeNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  if (isNew) return ok('node', `Node.js ${version}`)
  const found = `Node.js ${version} is older than ${OLDEST.join('.')}`
  return problem('node', found, 'install a Node.js that is still maintained')
}

export type Examined = Loaded & { readonly config: ResolvedConfig }

/** The config, where there is one that can be used, and what is to be said of it. */
export async function examineConfig(
  named: string | undefined,
): Promise<{ examined?: Examined; findings: readonly Finding[] }> {
  try {
    const examined = await loadResolved(named)
    return { examined, findings: [judgeConfig(examined), ...examined.config.warnings.map(warned)] }
  } catch (error) {
    const isMissing = isUptimeError(error, 'CONFIG_NOT_FOUND')
    return { findings: [problem('config', messageOf(error), isMissing ? MISSING : WRONG)] }
  }
}

function judgeConfig({ path, config }: Examined): Finding {
  const { services, providers } = config
  const holds = [plural(services.length, 'service'), plural(providers.length, 'provider')]
  return ok('config', `${relative('', path)} is valid: ${holds.join(', ')}`)
}

function warned(text: string): Finding {
  return warning('config', text, 'change it, or leave it if it is meant')
}

const MISSING = 'write one with `uptime init`, or go to its folder'
const WRONG = 'mend what the message says; `uptime validate` shows the plan of a config that is valid'
