import { parentPort, workerData } from 'node:worker_threads'
import { isUptimeError, messageOf } from '@uptimeserver/core'
import { Engine, type EngineOptions } from './engine.js'
import type { Answer, Question } from './remote.js'

/** The storage's thread: one question after the other. The file is opened with the first, so that its error is an answer. */
const port = parentPort
let engine: Engine | undefined

port?.on('message', ({ id, method, args }: Question) => port.postMessage(answer(id, method, args)))

function answer(id: number, method: Question['method'], args: readonly unknown[]): Answer {
  try {
    if (method === 'close' && !engine) return { id, value: undefined }
    engine ??= new Engine(workerData as EngineOptions)
    const call = engine[method] as (...args: unknown[]) => unknown
    return { id, value: call.apply(engine, [...args]) }
  } catch (error) {
    const code = isUptimeError(error) ? error.code : 'STORAGE_FAILED'
    return { id, code, message: messageOf(error) }
  }
}
