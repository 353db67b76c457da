/** Marks the file as ours (`PRAGMA application_id`): "UPT1". */
export const APPLICATION_ID = 0x55505431

/**
 * The schema, step by step: `PRAGMA user_version` says how many have been taken. A step that was released is never
 * edited. Every table belongs to a monitor. `log` is the truth; `fact` knows every id that was ever taken; the
 * others are views of it, but for `live` (latest wins) and `summary`. Downtimes and gaps lie in the order of their start,
 * because a report reads millions of them in that order. Tables
 * of long texts keep their row numbers: without those, texts would lie within the index.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE log (
    monitor TEXT NOT NULL, seq INTEGER NOT NULL, term INTEGER NOT NULL, events TEXT NOT NULL,
    UNIQUE (monitor, seq)
  ) STRICT;

  -- downtime: for a 'down' that came while one was open, which one that is.
  CREATE TABLE fact (
    monitor TEXT NOT NULL, id TEXT NOT NULL, downtime TEXT,
    PRIMARY KEY (monitor, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE service (
    monitor TEXT NOT NULL, id TEXT NOT NULL, facts TEXT NOT NULL,
    PRIMARY KEY (monitor, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE monitored (
    monitor TEXT NOT NULL, service TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER,
    PRIMARY KEY (monitor, service, start)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX one_open_monitored ON monitored (monitor, service) WHERE "end" IS NULL;

  CREATE TABLE downtime (
    monitor TEXT NOT NULL, id TEXT NOT NULL, service TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER, reason TEXT NOT NULL, detail TEXT,
    PRIMARY KEY (monitor, start, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX downtime_by_id ON downtime (monitor, id);
  CREATE UNIQUE INDEX one_open_downtime ON downtime (monitor, service) WHERE "end" IS NULL;
  CREATE INDEX downtime_by_service ON downtime (monitor, service, start);

  CREATE TABLE correction (
    monitor TEXT NOT NULL, number INTEGER NOT NULL, downtime TEXT NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (monitor, downtime, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE run (
    monitor TEXT NOT NULL, id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    PRIMARY KEY (monitor, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_by_start ON run (monitor, start, id);

  CREATE TABLE gap (
    monitor TEXT NOT NULL, id TEXT NOT NULL, service TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER, reason TEXT NOT NULL,
    PRIMARY KEY (monitor, start, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX gap_by_id ON gap (monitor, id);
  CREATE UNIQUE INDEX one_open_gap ON gap (monitor, service) WHERE "end" IS NULL;
  CREATE INDEX gap_by_service ON gap (monitor, service, start);

  CREATE TABLE maintenance (
    monitor TEXT NOT NULL, id TEXT NOT NULL, services TEXT,
    start INTEGER NOT NULL, "end" INTEGER, reason TEXT NOT NULL, author TEXT,
    PRIMARY KEY (monitor, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE summary (
    monitor TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
    as_of INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (monitor, key, version)
  ) STRICT;

  CREATE TABLE live (
    monitor TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (monitor, key)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE lease (
    monitor TEXT NOT NULL PRIMARY KEY, lease TEXT NOT NULL, token INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]
