import { __factory__ } from '@uptimeserver/__name__'
import { defineConfig } from 'uptimeserver'

export default defineConfig({
  services: [
    __factory__({ name: 'ssh', host: 'localhost', port: Number(process.env.PORT ?? 22), greeting: 'SSH-' }),
  ],
})
