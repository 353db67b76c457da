import type { ResolvedConfig } from '../config.js'
import type { Context, Event, Storage } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { RunnerEvents } from '../events.js'
import { Journal } from '../journal/journal.js'
import type { JournalFile } from '../journal/journal-file.js'
import type { Leftover } from '../journal/journals.js'
import { asStorageError } from '../leadership/storage-error.js'
import { reasonOf } from '../outcome.js'
import { createTimingResolver } from '../schema/timing.js'
import type { Bookkeeper } from './bookkeeper.js'
import { Consolidations } from './consolidations.js'
import type { Ledger } from './ledger.js'
import { MaintenanceKeeper } from './maintenance-keeper.js'
import { Publication } from './publication.js'
import { References } from './references.js'
import type { Restored } from './restore.js'
import type { Roster } from './roster.js'
import type { Target } from './target.js'
import type { Timeline } from './timeline.js'
import { fenced, insistOnWriting, type Writer } from './writer.js'

/** What a session is made of. */
export interface SessionParts {
  readonly config: ResolvedConfig
  readonly storage: Storage
  /** `undefined` while the storage is away, and nothing is known of the present. */
  readonly restored: Restored | undefined
  readonly roster: Roster
  readonly writer: Writer
  readonly context: Context
  readonly emitter: Emitter<RunnerEvents>
  /** Where facts wait on disk. Absent: in memory only. */
  readonly file: JournalFile | undefined
}

/** The way of its facts to the storage, as long as it may write. */
export function journalFor({ config, storage, writer, file, context, emitter }: SessionParts): Journal {
  const tell = (waiting: number, error: UptimeError | null) => emitter.emit('storage', { waiting, error })
  return new Journal({
    clock: context.clock,
    limit: config.journal.limit,
    file,
    onUnsafe: (error) => emitter.emit('error', { error }),
    write: async (events: readonly Event[], signal) => {
      insistOnWriting(writer)
      return storage.record(events, { term: writer.term, signal })
    },
    onFenced: writer.onFenced,
    onTrouble: (cause, waiting) => tell(waiting, asStorageError(storage.name, cause)),
    onRecovered: () => tell(0, null),
    onRefused: (cause, { length }) => {
      const message = `${length} facts were refused: ${reasonOf(cause)}`
      emitter.emit('error', { error: new UptimeError('FACTS_REFUSED', message, { cause }) })
    },
  })
}

/** What it leaves behind, and which file has it. */
export function leftoverOf(
  { writer, file }: SessionParts,
  rest: Pick<Leftover, 'facts' | 'unsafe'>,
  until: number | undefined,
): Leftover {
  const { holder, term } = writer
  return { ...rest, holder, term, until, file: file?.isThere ? file.name : undefined }
}

interface Sight {
  readonly timeline: Timeline
  readonly ledger: Ledger
  readonly look: () => void
  readonly onSight: () => void
}

/** Whatever must be reachable for a failure to count, if anything. */
export function referencesFor(
  { config, context, emitter }: SessionParts,
  { timeline, ledger, look, onSight }: Sight,
): References | undefined {
  const { reference: services, timing } = config
  if (!services.length) return undefined
  return new References({
    clock: context.clock,
    log: context.log,
    timeline,
    services,
    timingOf: createTimingResolver(timing),
    look,
    onBlind(monotonic, last) {
      const { length } = services
      const reason = length > 1 ? `none of ${length} references can be reached, ${last}` : last
      emitter.emit('blind', { at: ledger.now(), since: ledger.time(monotonic), reason })
    },
    onSight(since) {
      emitter.emit('blind', { at: ledger.time(since), since: null, reason: null })
      onSight()
    },
  })
}

interface Record {
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly targets: ReadonlyMap<string, Target>
}

/** The config's agreed time. What is on record is not known while the storage is away: that is made up for afterwards. */
export function maintenanceFor(
  { config, restored, storage, context, emitter }: SessionParts,
  { ledger, books, targets }: Record,
): MaintenanceKeeper {
  return new MaintenanceKeeper({
    plans: restored ? config.maintenance : [],
    known: restored?.maintenance ?? [],
    since: restored?.lastAlive ?? ledger.start,
    clock: context.clock,
    log: context.log,
    emitter,
    books,
    reader: storage,
    now: () => ledger.now(),
    services: () => [...targets.values()].map(({ facts }) => facts),
  })
}

/** What others may see of it while it may write. */
export function publicationFor(
  { storage, roster, writer, context }: SessionParts,
  ledger: Ledger,
  journal: Journal,
  targets: () => ReadonlyMap<string, Target>,
): Publication {
  return new Publication({
    clock: context.clock,
    log: context.log,
    storage,
    targets,
    providers: () => roster.providers(),
    toWall: (monotonic) => ledger.time(monotonic),
    mayPublish: () => writer.refusal() === undefined,
    now: () => ({ run: ledger.run, waiting: journal.overdue }),
  })
}

/** A config's consolidators at work, as long as it may write. */
export function consolidationsFor(
  { storage, writer, context, emitter }: SessionParts,
  config: ResolvedConfig,
  signal: AbortSignal,
): Consolidations {
  const { clock, log } = context
  return new Consolidations(config, fenced(storage, writer), { clock, log, signal }, (error) =>
    emitter.emit('error', { error }),
  )
}

export function factsLost(limit: number): UptimeError {
  const message = `the storage takes no facts and ${limit} wait already; from now on nothing is vouched for`
  return new UptimeError('FACTS_LOST', message)
}
