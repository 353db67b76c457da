export {
  addMaintenance,
  correctDowntime,
  endMaintenance,
  type NewMaintenance,
  type Word,
} from './annotations.js'
export { type Availability, availability, type Facts, type Policy } from './availability.js'
export {
  type CalendarPeriod,
  type CalendarUnit,
  calendarPeriod,
  nextPeriod,
  periodContaining,
  previousPeriod,
} from './calendar.js'
export { type CheckAllOptions, type CheckAllReport, type CheckResult, checkAll } from './check-all.js'
export { backoff, sleep, systemClock, within } from './clock.js'
export {
  type Config,
  type ConfigInput,
  defineConfig,
  type Nested,
  type ResolvedConfig,
  type ResolveOptions,
  resolveConfig,
} from './config.js'
export { type PublicStatusOptions, publicStatus } from './consolidators/public-status.js'
export { isSla, type SlaConsolidator, type SlaOptions, sla } from './consolidators/sla.js'
export type { SlaSettings } from './consolidators/sla-job.js'
export type { PublicServiceStatus, PublicStatusReport } from './consolidators/status-record.js'
export type * from './contracts.js'
export { DURATION_EXPECTED, type Duration, formatDuration, parseDuration } from './duration.js'
export type { Unsubscribe } from './emitter.js'
export {
  ERROR_CODES,
  type ErrorCode,
  isUptimeError,
  messageOf,
  UptimeError,
  type UptimeErrorOptions,
} from './errors.js'
export type * from './events.js'
export type { ExplainedDowntime, ExplainedSpan, Explanation } from './explain.js'
export type { Figure, GroupFigure, ReportPeriod, SlaRow } from './figures.js'
export type { GroupBy } from './groups.js'
export { serviceId } from './identity.js'
export { INSTANT_EXPECTED, parseInstant } from './instant.js'
export type { MonitorLive } from './live.js'
export type {
  MaintenancePlan,
  MaintenanceRule,
  MaintenanceWindow,
  RecurringMaintenance,
} from './maintenance.js'
export type { ServiceOptions } from './options.js'
export { reasonOf } from './outcome.js'
export { formatPercent } from './percent.js'
export { definePlugin, type Factory, type PluginSpec, type ServicePart, type ServiceSpec } from './plugin.js'
export type { DowntimeQuery, ReportedDowntime } from './report-downtimes.js'
export type { Series, SeriesPoint } from './report-figures.js'
export { type PartUnit, type PeriodPart, type PeriodQuery, periodOf } from './report-period.js'
export {
  createReports,
  type ReportRules,
  type Reports,
  type SeriesQuery,
  type SlaQuery,
  type StatusQuery,
} from './reports.js'
export { createRunner, type Runner, type RunnerOptions } from './runner.js'
export { nextTime } from './schedule.js'
export { isSecret, reveal, type Secret, secret, withoutUserinfo } from './secret.js'
export { advance, type State, type Status, type Verdict } from './state.js'
export { type RecordedStatus, readStatus, type StatusOptions, type StatusReport } from './status.js'
export { createTimingResolver, DEFAULT_TIMING } from './timing.js'
