import { ingress } from '@uptimeserver/ingress'
import { kubernetes } from '@uptimeserver/kubernetes'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { defineConfig, secret } from 'uptimeserver'

const shopKey = secret.env('SHOP_KEY')

/** Whoever can write an Ingress chooses its host. So the key goes to hosts that are ours, and never in the clear. */
const isShop = ({ protocol, hostname }: URL) =>
  protocol === 'https:' && hostname.endsWith('.shop.example.com')

export default defineConfig({
  every: '30s',
  // Where the record is, it is written who leads, too: an API server that is away deposes nobody who watches it.
  storage: mongoStorage({ uri: secret.env('MONGO_URI'), db: 'uptime' }),
  services: [
    // Without a kubeconfig they ask the cluster that they run in, as the pod's service account.
    kubernetes({ name: 'nodes', category: 'cluster', availability: 80 }),
    kubernetes({ name: 'api server', category: 'cluster', check: 'ready' }),
  ],
  providers: [
    ingress({
      health: '/healthz',
      allow: ['*.example.com'],
      exclude: (url) => new URL(url).hostname.endsWith('.staging.example.com'),
      headers: (url) => (isShop(new URL(url)) ? { apikey: shopKey } : undefined),
    }),
  ],
})
