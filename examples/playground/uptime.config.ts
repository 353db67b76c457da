import { defineConfig, http } from 'uptimeserver'

const shop = process.env.SHOP_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  every: '2s',
  retryEvery: '1s',
  timeout: '1s',
  services: [
    http(`${shop}/health`, {
      name: 'shop',
      category: 'web',
      expect: { body: { json: { '$.status': 'ok' } } },
    }),
    http(`${shop}/search`, { name: 'search', category: 'web', expect: { latency: '900ms' } }),
    http(`${shop}/checkout`, { name: 'checkout', category: 'payments' }),
  ],
})
