import { has, hasOrInstalls, Unavailable } from './tools.js'

/** As root, and as anybody where the system lets everybody be root of what they see. */
const WAYS = [['-m'], ['-Urm']]

/**
 * A command that runs another one, which alone sees a file system in memory on a folder. It goes with the last process that sees it.
 *
 * @param options of mount, such as `size=64k` and `ro`
 */
export async function onOwnDisk(folder: string, options: string): Promise<string[]> {
  const mount = `mkdir -p "$0" && mount -t tmpfs -o ${options} uptime-test "$0"`
  await hasOrInstalls('unshare', ['util-linux'])
  for (const way of WAYS)
    if (await has('unshare', ...way, 'sh', '-c', mount, folder))
      return ['unshare', ...way, 'sh', '-c', `${mount} && exec "$@"`, folder]
  throw new Unavailable('a file system cannot be mounted', 'run as root, or allow user namespaces')
}
