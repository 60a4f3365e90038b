/**
 * What the ledger's file holds. Each script brings the file one version further, within a transaction; the version stands
 * in `user_version`. A script that has been published is never changed.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE generations (
    id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, outcome TEXT NOT NULL,
    error_code TEXT, error_message TEXT, latency_ms REAL NOT NULL, time_to_first_token_ms REAL, queue_ms REAL NOT NULL,
    backoff_ms REAL NOT NULL, attempts INTEGER NOT NULL, served_from TEXT NOT NULL
  ) STRICT;
  CREATE TABLE attempts (
    generation_id TEXT NOT NULL, attempt INTEGER NOT NULL, started_at INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
    outcome TEXT NOT NULL, error_code TEXT, status INTEGER, sent INTEGER NOT NULL, latency_ms REAL NOT NULL, time_to_first_token_ms REAL,
    response_id TEXT, source TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, cost_pico INTEGER,
    estimated_cost_pico INTEGER, reconciled_at INTEGER, PRIMARY KEY (generation_id, attempt)
  ) STRICT;
  CREATE TABLE reconciliations (
    generation_id TEXT NOT NULL, attempt INTEGER NOT NULL, reconciled_at INTEGER NOT NULL, response_id TEXT NOT NULL,
    source TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, cost_pico INTEGER,
    estimated_cost_pico INTEGER, replaced_source TEXT NOT NULL, replaced_input_tokens INTEGER NOT NULL,
    replaced_output_tokens INTEGER NOT NULL, replaced_cost_pico INTEGER, replaced_estimated_cost_pico INTEGER,
    PRIMARY KEY (generation_id, attempt)
  ) STRICT;
  CREATE TABLE labels (
    generation_id TEXT NOT NULL, attempt INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (generation_id, attempt, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX generations_by_time ON generations (started_at);
  CREATE INDEX generations_by_model ON generations (model, started_at);
  CREATE INDEX attempts_by_time ON attempts (started_at);
  CREATE INDEX attempts_by_model ON attempts (model, started_at);
  CREATE INDEX labels_by_value ON labels (name, value);
  CREATE VIEW labelled_generations AS
    SELECT labels.name AS label, labels.value AS label_value, generations.* FROM generations
    JOIN labels ON labels.generation_id = generations.id AND labels.attempt = 0;
  CREATE VIEW labelled_attempts AS
    SELECT labels.name AS label, labels.value AS label_value, attempts.* FROM attempts JOIN labels USING (generation_id, attempt);
  CREATE VIEW generation_usage AS
    SELECT generation_id, COUNT(*) AS attempts, SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens,
      SUM(cost_pico) AS cost_pico, SUM(estimated_cost_pico) AS estimated_cost_pico,
      SUM(cost_pico IS NULL AND estimated_cost_pico IS NULL) AS unmeasured_attempts
    FROM attempts GROUP BY generation_id;
  `,
];
