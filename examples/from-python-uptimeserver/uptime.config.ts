import { elasticsearch } from '@uptimeserver/elasticsearch'
import { ingress } from '@uptimeserver/ingress'
import { kubernetes } from '@uptimeserver/kubernetes'
import { mongo } from '@uptimeserver/mongo'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { defineConfig, publicStatus, sla } from 'uptimeserver'
import { ingressRules } from './ingress.ts'
import { readSecret } from './secret.ts'

const file = readSecret(new URL('secret.json', import.meta.url), process.env.UPTIME_ENV ?? 'prod')
const { filter, down_since: downSince } = file.consolidations.status
const category = 'infra'

export default defineConfig({
  every: file.monitoring.check_every_seconds,
  retryEvery: file.monitoring.fast_retry_every_seconds,
  attempts: 3,
  storage: mongoStorage({ uri: file.storage.uri, db: file.storage.db }),
  consolidators: file.server.with_consolidation ? [sla(), publicStatus({ filter, downSince })] : [],
  services: [
    file.mongodb_clusters.map(({ name, uri }) => mongo(uri, { name, category, timeout: '5s' })),
    file.kubernetes_clusters.map((cluster) => kubernetes({ ...cluster, category })),
    file.elasticsearch_clusters.map((cluster) => elasticsearch({ ...cluster, category, level: 'ping' })),
  ],
  providers: [
    ingress({
      ...{ name: 'aws-k8s-ingress', context: file.default_kubernetes_context, category: 'ns' },
      ...ingressRules(file.KONG_HEALTH_APIKEY),
    }),
  ],
})
