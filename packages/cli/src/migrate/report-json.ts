import { iso } from '../output.js'
import type { Outcome } from './outcome.js'

/** What machines are told of a migration; the shape is stable. */
export function outcomeJson({ plan, target, comparison, written, facts }: Outcome) {
  return {
    ...{ from: 'python-uptimeserver', written, facts },
    services: plan.services.map(
      ({ facts: { id, kind, name, category = null }, start, removed, downtimes }) => ({
        ...{ id, kind, name, category, start: iso(start), removed: iso(removed) },
        ...{ downtimes: downtimes.length, known: target.services.has(id) },
      }),
    ),
    observed: plan.runs.map(({ start, end }) => ({ start: iso(start), end: iso(end) })),
    until: iso(plan.until ?? null),
    left: plan.left,
    doubts: plan.doubts.map(({ service, downtime = null, why }) => ({ service, downtime, why })),
    figures: {
      ...{ compared: comparison.compared, skipped: comparison.skipped },
      different: comparison.different.map(({ service, unit, period, theirs, ours, points, because }) => ({
        ...{ service: service.id, name: service.name, unit, start: iso(period.start), end: iso(period.end) },
        ...{ theirs, ours, points, because },
      })),
    },
  }
}
