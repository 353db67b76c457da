import { fork } from 'node:child_process'
import { once } from 'node:events'

/** What a script answers, run in a process of its own, so that nothing of another measurement is in it. */
export async function inOwnProcess(script, ...args) {
  const child = fork(script, args)
  const [result] = await once(child, 'message')
  await once(child, 'exit')
  return result
}
