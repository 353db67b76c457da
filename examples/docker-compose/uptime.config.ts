import { mongoStorage } from '@uptimeserver/mongo-storage'
import { defineConfig, http, secret } from 'uptimeserver'

export default defineConfig({
  every: '30s',
  // The record, and by it who leads.
  storage: mongoStorage({ uri: secret.env('MONGO_URI'), db: 'uptime' }),
  services: [http('https://example.com/', { name: 'site', expect: { latency: '2s' } })],
})
