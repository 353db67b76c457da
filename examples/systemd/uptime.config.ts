import { defineConfig, http, sqliteStorage } from 'uptimeserver'

export default defineConfig({
  every: '30s',
  // The unit's StateDirectory=.
  storage: sqliteStorage({ path: '/var/lib/uptime/uptime.db' }),
  services: [http('https://example.com/', { name: 'site', expect: { latency: '2s', certificateDays: 14 } })],
})
