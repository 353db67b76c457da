import type {
  Alive,
  Correction,
  Down,
  GapFound,
  MaintenanceSet,
  ServiceAdded,
  ServiceFacts,
  Up,
} from '@uptimeserver/core'

/** 2026-01-01T00:00:00Z */
export const T0 = 1_767_225_600_000

/** Names and labels as hostile as people make them. */
export const SHOP: ServiceFacts = {
  id: 'a1b2c3d4e5f60718',
  kind: 'http',
  name: `shop "O'Hara" $where.{'a'} ☃ 店`,
  category: 'infra; DROP TABLE log',
  labels: { 'team.name': '$ne', 'a"b': '100%', '': 'empty key' },
  objective: 99.95,
  sources: ['config'],
}
export const MAIL: ServiceFacts = {
  id: 'ffeeddccbbaa9988',
  kind: 'smtp',
  name: 'mail',
  sources: ['config', 'ingress'],
}

export const added = (service: ServiceFacts, at = T0, id = `added-${service.id}-${at}`): ServiceAdded => ({
  type: 'service-added',
  id,
  at,
  service,
})

export const down = (id: string, start: number, service = SHOP.id): Down => ({
  type: 'down',
  id,
  at: start + 5,
  service,
  start,
  reason: 'status 503, expected 200',
  detail: { status: 503, nested: { 'a.b': [1, null, '$x'] } },
})

export const up = (downtime: string, end: number, service = SHOP.id): Up => ({
  type: 'up',
  id: `up-${downtime}-${end}`,
  at: end + 5,
  service,
  downtime,
  end,
  reason: 'recovered',
})

export const alive = (run: string, start: number, at: number): Alive => ({
  type: 'alive',
  id: `alive-${run}-${at}`,
  at,
  run,
  start,
})

export const gap = (id: string, start: number, end: number | null, service = SHOP.id): GapFound => ({
  type: 'gap',
  id,
  at: end ?? start,
  service,
  start,
  end,
  reason: 'the check could not start in time',
})

export const maintenance = (
  id: string,
  window: string,
  start: number,
  end: number | null,
): MaintenanceSet => ({
  type: 'maintenance',
  id,
  at: start,
  window,
  start,
  end,
  services: [SHOP.id],
  reason: 'new disks',
  author: 'ops',
})

export const correction = (id: string, downtime: string, exclude: boolean): Correction => ({
  type: 'correction',
  id,
  at: T0 + 500,
  downtime,
  exclude,
  reason: 'our own firewall',
  author: 'ops',
})
