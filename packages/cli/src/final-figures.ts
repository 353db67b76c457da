import { resolveConfig, type SlaRow, type Storage } from '@uptimeserver/core'
import type { Loaded } from './load-config.js'
import { using } from './open-storage.js'
import { reportsFrom } from './report-options.js'

/** The running day's figures, as `uptime sla` has them: from the record of a monitor that has ended and closed it. */
export async function finalFigures({ input, folder }: Loaded): Promise<readonly SlaRow[]> {
  const config = await resolveConfig(input)
  const storage = config.storage as Storage
  return using(storage, { monitor: config.monitor, readOnly: true, folder }, () =>
    reportsFrom(storage, config, {}).reports.sla({ period: { unit: 'day' } }),
  )
}
