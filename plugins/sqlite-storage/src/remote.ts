import { Worker } from 'node:worker_threads'
import { type ErrorCode, messageOf, UptimeError } from '@uptimeserver/core'
import type { Engine, EngineOptions } from './engine.js'

/** What the thread is asked, and what it answers. */
export interface Question {
  readonly id: number
  readonly method: MethodName
  readonly args: readonly unknown[]
}
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: ErrorCode; readonly message: string }

export type MethodName = {
  [Key in keyof Engine]: Engine[Key] extends (...args: never[]) => unknown ? Key : never
}[keyof Engine]

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: UptimeError) => void
}

/** The engine in a thread of its own, so that a slow disk or a locked file delays no check. */
export class RemoteEngine {
  readonly #options: EngineOptions
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #count = 0

  constructor(options: EngineOptions) {
    this.#options = options
  }

  call(method: MethodName, ...args: unknown[]): Promise<unknown> {
    this.#worker ??= this.#start()
    const question: Question = { id: ++this.#count, method, args }
    return new Promise((resolve, reject) => {
      this.#pending.set(question.id, { resolve, reject })
      this.#worker?.postMessage(question)
    })
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    try {
      await this.call('close')
    } finally {
      this.#worker = undefined
      worker.removeAllListeners('exit')
      await worker.terminate()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: this.#options,
      name: 'sqlite-storage',
      // The application's own flags (loaders, --eval and the like) are no concern of this thread.
      execArgv: [],
    })
    worker.on('message', (answer: Answer) => this.#settle(answer))
    worker.on('error', (error) => this.#lose(worker, messageOf(error)))
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`))
    return worker
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if ('code' in answer)
      pending?.reject(new UptimeError(answer.code, answer.message, { plugin: 'sqlite-storage' }))
    else pending?.resolve(answer.value)
  }

  /** The thread has died: what it was asked is not known to be done, and the next question starts another. */
  #lose(worker: Worker, why: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const error = new UptimeError('STORAGE_FAILED', `sqlite-storage: its thread has died (${why})`)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}
