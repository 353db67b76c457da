export {
  addMaintenance,
  correctDowntime,
  endMaintenance,
  type NewMaintenance,
  type Word,
} from './annotations.js'
export {
  type CalendarPeriod,
  type CalendarUnit,
  calendarPeriod,
  nextPeriod,
  periodContaining,
  previousPeriod,
} from './calendar/calendar.js'
export { INSTANT_EXPECTED, parseInstant } from './calendar/instant.js'
export { nextTime } from './calendar/schedule.js'
export { type CheckAllOptions, type CheckAllReport, type CheckResult, checkAll } from './check-all.js'
export { clean } from './clean.js'
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
export { type Availability, availability, type Facts, type Policy } from './figures/availability.js'
export type { ExplainedDowntime, ExplainedSpan, Explanation } from './figures/explain.js'
export type { Figure, GroupFigure, ReportPeriod, SlaRow } from './figures/figures.js'
export type { GroupBy } from './figures/groups.js'
export { formatPercent } from './figures/percent.js'
export { serviceId } from './identity.js'
export { type Disk, type DiskFile, folderDisk } from './journal/disk.js'
export { type JournalReport, readJournals } from './journal/journals.js'
export type { TlsOptions } from './kit/tls-options.js'
export { type Holder, holderOf, type Instance, thisInstance } from './leadership/instance.js'
export type { MonitorLive } from './monitor/live.js'
export { advance, type State, type Status, type Verdict } from './monitor/state.js'
export { reasonOf } from './outcome.js'
export type { DowntimeQuery, ReportedDowntime } from './reports/report-downtimes.js'
export type { Series, SeriesPoint } from './reports/report-figures.js'
export { type PartUnit, type PeriodPart, type PeriodQuery, periodOf } from './reports/report-period.js'
export {
  createReports,
  type ReportRules,
  type Reports,
  type SeriesQuery,
  type SlaQuery,
  type StatusQuery,
} from './reports/reports.js'
export { createRunner, type Runner, type RunnerOptions } from './runner.js'
export type { JournalOptions } from './schema/journal.js'
export type { LeaseOptions } from './schema/lease.js'
export type {
  MaintenancePlan,
  MaintenanceRule,
  MaintenanceWindow,
  RecurringMaintenance,
} from './schema/maintenance.js'
export type { ServiceOptions } from './schema/options.js'
export {
  definePlugin,
  type Factory,
  type PluginSpec,
  type ServicePart,
  type ServiceSpec,
} from './schema/plugin.js'
export { createTimingResolver, DEFAULT_TIMING } from './schema/timing.js'
export { isSecret, reveal, type Secret, secret, withoutUserinfo } from './secret.js'
export { type RecordedStatus, readStatus, type StatusOptions, type StatusReport } from './status.js'
