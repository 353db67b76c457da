import { defineConfig } from 'uptimeserver'
import { tcp } from './index.js'

export default defineConfig({
  services: [
    tcp({ name: 'ssh', host: process.env.HOST ?? 'localhost', port: Number(process.env.PORT ?? 22) }),
  ],
})
