import { type KubernetesOptions, kubernetes } from '@uptimeserver/kubernetes'
import { checked as checkedService } from '../../../../test/support/checked.js'

export const checked = (options: KubernetesOptions, ms?: number) =>
  checkedService(kubernetes({ name: 'it', ...options }), ms)
