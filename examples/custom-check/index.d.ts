import type { Service, ServiceOptions } from '@uptimeserver/core'

export interface TcpOptions extends ServiceOptions {
  readonly host?: string
  /** 1 to 65535. */
  readonly port: number
}

export declare const tcp: (options: TcpOptions) => Service
