/** A node, as far as it is looked at: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export interface Node {
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

export interface Survey {
  readonly ready: number
  readonly total: number
  /** Those that are not ready, each with its reason. */
  readonly others: readonly string[]
}

/** Counts those that are ready: condition `Ready` is `True`, and nothing else will do. */
export function survey(nodes: readonly Node[], ignoreCordoned: boolean): Survey {
  const counted = ignoreCordoned ? nodes.filter(({ spec }) => !spec?.unschedulable) : nodes
  const others = counted.flatMap((node) => {
    const reason = reasonOf(node)
    return reason === undefined ? [] : [`${node.metadata.name}: ${reason}`]
  })
  return { ready: counted.length - others.length, total: counted.length, others }
}

/** Whether at least so many percent are ready. Nobody is not enough. */
export function suffices({ ready, total }: Survey, availability: number): boolean {
  return total > 0 && ready * 100 >= availability * total
}

/** Rounded down, so that what is not enough never looks as if it were. */
export function percentOf({ ready, total }: Survey): number {
  return total ? Math.floor((ready * 1_000) / total) / 10 : 0
}

function reasonOf({ status }: Node): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  if (!condition) return 'it has no Ready condition'
  if (condition.status === 'True') return undefined
  return `${condition.status === 'Unknown' ? 'unknown' : 'not ready'}${condition.reason ? ` (${condition.reason})` : ''}`
}
