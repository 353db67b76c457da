type Client = typeof import('@kubernetes/client-node')

let client: Promise<Client> | undefined

/** Loading it takes half a second, which a config of other checks need not pay. */
export function loadClient(): Promise<Client> {
  client ??= withoutWarning('DEP0040', () => import('@kubernetes/client-node'))
  return client
}

/** One of the client's dependencies asks for a module of Node that is deprecated. Nobody who runs a monitor can do anything about that. */
async function withoutWarning<T>(code: string, load: () => Promise<T>): Promise<T> {
  const { emitWarning } = process
  process.emitWarning = ((...warning: Parameters<typeof emitWarning>) => {
    if (!(warning as unknown[]).includes(code)) emitWarning.apply(process, warning)
  }) as typeof emitWarning
  try {
    return await load()
  } finally {
    process.emitWarning = emitWarning
  }
}
