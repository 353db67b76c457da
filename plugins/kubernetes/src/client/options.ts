import { isSecret, type Secret } from '@uptimeserver/core'
import { text } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors, as far as it can be told by looks. */
export const labelSelector = v.custom<string>(
  (value) => typeof value === 'string' && /^[\w./()\-=!, ]{1,1000}$/.test(value),
  `a label selector such as 'role=worker,!spot'`,
)

/** Options of everything that speaks to a cluster, as entries of a schema. */
export const clusterEntries = {
  kubeconfig: v.optional(
    v.custom<string | Secret>(
      (value) => isSecret(value) || (typeof value === 'string' && value.length > 0),
      'the path of a kubeconfig, or its content as a secret',
    ),
  ),
  context: v.optional(text(500)),
}
