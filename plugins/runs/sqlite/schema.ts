/** Marks a database as a journal of runs: `SRun` in ASCII. Other databases are refused. */
export const APPLICATION_ID = 0x5352756e;

const SUMS = ['input_tokens', 'output_tokens', 'known', 'estimated', 'unmeasured'] as const;
const RUN_SUMS = ['words', 'held', ...SUMS].map((name) => `${name} = ${name} + NEW.${name} - OLD.${name}`).join(', ');
const STATES = ['waiting', 'ready', 'leased', 'parked', 'done', 'failed', 'cancelled'] as const;

/**
 * The tables of a journal. Each script brings a file one version further, within a transaction; the version is kept in
 * `user_version`. A script that has been released is never changed.
 *
 * Money is in whole pico-dollars, times in epoch milliseconds. Texts from outside are JSON or bytes, since libsql cuts a text
 * at its first NUL character. Chunks are a log: each names the one before it in its text, and an item its last one, so that a piece of
 * text is written at the end of the file and needs no index. Triggers keep the end of an item's text, the sums of an item over its
 * attempts, and those of a run over its items.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL,
    digest TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER, labels TEXT NOT NULL,
    limits TEXT NOT NULL, data TEXT,
    waiting INTEGER NOT NULL DEFAULT 0, ready INTEGER NOT NULL DEFAULT 0, leased INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0, words INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0, estimated INTEGER NOT NULL DEFAULT 0,
    unmeasured INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, changes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE pruned (run INTEGER PRIMARY KEY) STRICT;
  CREATE INDEX runs_running ON runs (key) WHERE state = 'running';
  CREATE TABLE items (
    key INTEGER PRIMARY KEY, run INTEGER NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL,
    is_priced INTEGER NOT NULL, blockers INTEGER NOT NULL, has_dependants INTEGER NOT NULL, state TEXT NOT NULL, epoch INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, restarts INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL, until INTEGER,
    reason TEXT, error TEXT, is_cancelled_itself INTEGER NOT NULL DEFAULT 0, worker TEXT,
    lease_ms INTEGER NOT NULL DEFAULT 0, has_added INTEGER NOT NULL DEFAULT 0, needs INTEGER NOT NULL DEFAULT 0,
    hold INTEGER NOT NULL DEFAULT 0, spent_before INTEGER NOT NULL DEFAULT 0,
    held INTEGER GENERATED ALWAYS AS (IIF(state = 'leased', MAX(0, hold - (known + estimated - spent_before)), 0)),
    bytes INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0, estimated INTEGER NOT NULL DEFAULT 0,
    unmeasured INTEGER NOT NULL DEFAULT 0, words INTEGER NOT NULL DEFAULT 0, sha256 TEXT, result TEXT, digests TEXT
  ) STRICT;
  CREATE UNIQUE INDEX items_by_id ON items (run, id);
  CREATE UNIQUE INDEX items_by_place ON items (run, place);
  CREATE INDEX items_ready ON items (run, place, until) WHERE state = 'ready';
  CREATE INDEX items_parked ON items (run, place, until) WHERE state = 'parked';
  CREATE INDEX items_put_off ON items (run, until) WHERE state <> 'leased' AND until IS NOT NULL;
  CREATE INDEX items_leased ON items (run, worker, until, lease_ms) WHERE state = 'leased';
  CREATE TABLE specs (item INTEGER PRIMARY KEY, input TEXT NOT NULL, after TEXT, data TEXT) STRICT;
  CREATE TABLE dependants (
    item INTEGER NOT NULL, dependant INTEGER NOT NULL, PRIMARY KEY (item, dependant)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chunks (key INTEGER PRIMARY KEY, text BLOB NOT NULL, source TEXT NOT NULL) STRICT;
  CREATE TABLE attempts (
    item INTEGER NOT NULL, generation TEXT NOT NULL, attempt INTEGER NOT NULL, place INTEGER NOT NULL,
    outcome TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, known INTEGER NOT NULL,
    estimated INTEGER NOT NULL, unmeasured INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (item, generation, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
    UPDATE items SET bytes = bytes + LENGTH(NEW.text), tries = 0, has_added = 1 WHERE key = NEW.key >> 32;
  END;
  CREATE TRIGGER attempt_added AFTER INSERT ON attempts BEGIN
    UPDATE items SET attempts = attempts + 1, ${SUMS.map((name) => `${name} = ${name} + NEW.${name}`).join(', ')}
    WHERE key = NEW.item;
  END;
  CREATE TRIGGER attempt_changed AFTER UPDATE OF ${SUMS.join(', ')} ON attempts BEGIN
    UPDATE items SET ${SUMS.map((name) => `${name} = ${name} + NEW.${name} - OLD.${name}`).join(', ')} WHERE key = NEW.item;
  END;
  CREATE TRIGGER item_changed AFTER UPDATE OF state, words, hold, spent_before, ${SUMS.join(', ')} ON items BEGIN
    UPDATE runs SET changes = changes + 1,
      ${STATES.map((name) => `${name} = ${name} + (NEW.state = '${name}') - (OLD.state = '${name}')`).join(', ')},
      ${['words', 'held', ...SUMS].map((name) => `${name} = ${name} + NEW.${name} - OLD.${name}`).join(', ')}
    WHERE key = NEW.run;
  END;
  `,
  `
  CREATE TABLE log (
    key INTEGER PRIMARY KEY, item INTEGER NOT NULL, previous INTEGER, text BLOB NOT NULL, source TEXT NOT NULL
  ) STRICT;
  INSERT INTO log SELECT ROW_NUMBER() OVER places, key >> 32,
    IIF(LAG(key >> 32) OVER places = key >> 32, ROW_NUMBER() OVER places - 1, NULL), text, source
    FROM chunks WINDOW places AS (ORDER BY key);
  ALTER TABLE items ADD COLUMN last_chunk INTEGER;
  UPDATE items SET last_chunk = last.key FROM (SELECT item, MAX(key) AS key FROM log GROUP BY item) AS last
    WHERE last.item = items.key;
  DROP TABLE chunks;
  ALTER TABLE log RENAME TO chunks;
  CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
    UPDATE items SET bytes = bytes + LENGTH(NEW.text), tries = 0, has_added = 1, last_chunk = NEW.key WHERE key = NEW.item;
  END;
  DROP TRIGGER item_changed;
  CREATE TRIGGER item_moved AFTER UPDATE OF state ON items WHEN NEW.state <> OLD.state BEGIN
    UPDATE runs SET changes = changes + 1,
      ${STATES.map((name) => `${name} = ${name} + (NEW.state = '${name}') - (OLD.state = '${name}')`).join(', ')},
      ${RUN_SUMS} WHERE key = NEW.run;
  END;
  CREATE TRIGGER item_spent AFTER UPDATE OF words, hold, spent_before, ${SUMS.join(', ')} ON items
  WHEN NEW.state = OLD.state BEGIN
    UPDATE runs SET changes = changes + 1, ${RUN_SUMS} WHERE key = NEW.run;
  END;
  `,
];
