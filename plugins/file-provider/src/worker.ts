import { parentPort, workerData } from 'node:worker_threads'
import type { Job } from './parse/job.js'
import { parse } from './parse/parse.js'

parentPort?.postMessage(parse(workerData as Job))
