import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UptimeError } from '@uptimeserver/core'
import type { Document } from './documents.js'

/** As much of MongoDB's driver as reading takes. */
export interface MongoClient {
  connect(): Promise<unknown>
  db(name: string): { collection(name: string): MongoCollection }
  close(): Promise<void>
}

export interface MongoCollection {
  find(filter: object, options: { readonly projection?: object }): AsyncIterable<Document>
}

interface Driver {
  readonly MongoClient: new (uri: string, options: object) => MongoClient
}

const DRIVER = 'mongodb'
/** Those who have it among their dependencies. */
const OWNERS = ['@uptimeserver/mongo-storage', '@uptimeserver/mongo']

/**
 * MongoDB's driver from where the config is, so that whoever never migrates need not install it.
 *
 * @throws UptimeError `STORAGE_DRIVER`
 */
export function loadDriver(folder: string): Driver {
  const here = pathToFileURL(join(folder, 'uptime.config.js'))
  const path = [...OWNERS.map((owner) => resolve(here, `${owner}/package.json`)), here]
    .flatMap((from) => (from === undefined ? [] : (resolve(from, DRIVER) ?? [])))
    .at(0)
  if (path === undefined) throw missing(folder)
  try {
    return createRequire(here)(path) as Driver
  } catch (cause) {
    throw missing(folder, cause)
  }
}

function resolve(from: URL | string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

function missing(folder: string, cause?: unknown): UptimeError {
  const found = cause === undefined ? 'is not installed in' : 'cannot be loaded from'
  const mend = 'npm i @uptimeserver/mongo-storage brings it'
  return new UptimeError(
    'STORAGE_DRIVER',
    `migrate reads MongoDB through the package ${DRIVER}, which ${found} ${folder}; ${mend}`,
    { cause },
  )
}
