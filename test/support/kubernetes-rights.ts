export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** `list nodes`, `watch ingresses.networking.k8s.io`. */
export type Right = `${string} ${string}`

/** Each verb of each resource by itself. */
export function rightsIn(rules: readonly Rule[]): Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb): Right => `${verb} ${resource}${group && `.${group}`}`),
      ),
    ),
  )
}

export function ruleOf(right: Right): Rule {
  const [, verb, resource, group = ''] = /^(\w+) (\w+)(?:\.(.+))?$/.exec(right)!
  return { apiGroups: [group], resources: [resource!], verbs: [verb!] }
}
