import { defineConfig, http } from 'uptimeserver'

export default defineConfig({
  every: '60s',
  services: [http(process.env.SITE ?? 'https://example.com/', { name: 'site', expect: { latency: '2s' } })],
})
