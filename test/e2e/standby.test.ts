import { expect, test } from 'vitest'
import { type Line, Project, type Running } from '../support/uptime.js'

const project = () =>
  new Project({
    'uptime.config.mjs': `
      export default {
        every: '300ms', attempts: 1,
        services: [{ kind: 'own', name: 'shop', async check() { throw new Error('closed') } }],
      }`,
  })

const standing = (wanted: string) => (line: Line) => line.event === 'leadership' && line.standing === wanted
const isDown = ({ to }: Line) => to === 'down'
const instances = async (folder: Project) =>
  (await folder.uptime('status', '--monitor', '--json')).json<{
    leader: { pid: number; since: string; waiting: number } | null
    standbys: { host: string; pid: number }[]
  }>()

/** Starts one, and when it leads another. */
async function two(folder: Project): Promise<[Running, Running]> {
  const first = folder.run()
  await first.until(isDown)
  const second = folder.run()
  await second.until(standing('standby'))
  return [first, second]
}

test('a second monitor of the same record stands by, and the log says who leads', async () => {
  using folder = project()
  const [first, second] = await two(folder)
  await using _ = first
  await using __ = second
  expect(second.said('leadership')).toMatchObject([{ standing: 'standby', holder: { pid: first.pid } }])
  expect(second.said('transition')).toEqual([])
  expect((await second.end('SIGTERM')).code).toBe(0)
})

test('status shows who leads and who stands by; services stay as they were in --json', async () => {
  using folder = project()
  const [first, second] = await two(folder)
  await using _ = first
  await using __ = second
  for (const deadline = Date.now() + 10_000; !(await instances(folder)).standbys.length; )
    expect(Date.now()).toBeLessThan(deadline)
  const { leader, standbys } = await instances(folder)
  expect(leader).toEqual({ host: expect.any(String), pid: first.pid, since: expect.any(String), waiting: 0 })
  expect(standbys).toEqual([{ host: expect.any(String), pid: second.pid }])
  const { stdout } = await folder.uptime('status')
  const who = `on .+ \\(pid ${first.pid}\\), stands by: .+ \\(pid ${second.pid}\\)`
  expect(stdout).toMatch(new RegExp(`^1 down · monitor running since .+ ${who}$`, 'm'))
  expect((await folder.uptime('status', '--json')).json()).toMatchObject([{ name: 'shop', status: 'down' }])
})

test('Ctrl-C on the leader: the other takes over within seconds, and the same outage goes on', async () => {
  using folder = project()
  const [first, second] = await two(folder)
  await using _ = second
  expect((await first.end('SIGINT')).code).toBe(0)
  expect(first.said('leadership').at(-1)).toMatchObject({ standing: 'leading' })
  await second.until(standing('leading'), 5_000)
  await second.end()
  const outages = (await folder.uptime('downtimes', '--json')).json()
  expect(outages).toMatchObject([{ id: first.said('transition').at(-1)!.downtime, end: null }])
  expect(await instances(folder)).toEqual({ leader: null, standbys: [] })
})

test('kill -9 on the leader of this machine: the next one leads at once', async ({ skip }) => {
  if (process.platform !== 'linux') skip('only Linux tells that a process is gone')
  using folder = project()
  await using first = folder.run()
  await first.until(isDown)
  await first.end('SIGKILL')
  await using next = folder.run()
  await next.until(standing('leading'), 3_000)
  expect(next.said('leadership')).toMatchObject([{ standing: 'leading', holder: { pid: next.pid } }])
})
