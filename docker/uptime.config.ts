import { mongoStorage } from '@uptimeserver/mongo-storage'
import { defineConfig, http, secret } from 'uptimeserver'

export default defineConfig({
  every: '30s',
  storage: mongoStorage({ uri: secret.env('MONGO_URI'), db: 'uptime' }),
  // The volume: facts that wait for MongoDB outlive the container.
  journal: { folder: '/data/journal' },
  services: [http('https://example.com/', { name: 'site', expect: { latency: '2s' } })],
})
