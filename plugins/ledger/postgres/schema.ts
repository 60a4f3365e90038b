/** What a ledger on PostgreSQL holds, as in SQLite. Ids are compared byte by byte, in any database. A script that has been published is never changed. */
export const VERSIONS = [
  {
    oldest: 1,
    script: `
  CREATE TABLE scriptorium.generations (
    id text COLLATE "C" PRIMARY KEY, started_at bigint NOT NULL, provider text NOT NULL, model text NOT NULL, outcome text NOT NULL,
    error_code text, error_message text, latency_ms float8 NOT NULL, time_to_first_token_ms float8, queue_ms float8 NOT NULL,
    backoff_ms float8 NOT NULL, attempts bigint NOT NULL, served_from text NOT NULL
  );
  CREATE TABLE scriptorium.attempts (
    generation_id text COLLATE "C" NOT NULL, attempt bigint NOT NULL, started_at bigint NOT NULL, provider text NOT NULL, model text NOT NULL,
    outcome text NOT NULL, error_code text, status bigint, sent bigint NOT NULL, latency_ms float8 NOT NULL, time_to_first_token_ms float8,
    response_id text, source text NOT NULL, input_tokens bigint NOT NULL, output_tokens bigint NOT NULL,
    cached_input_tokens bigint NOT NULL, cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL, cost_pico bigint,
    estimated_cost_pico bigint, reconciled_at bigint, PRIMARY KEY (generation_id, attempt)
  );
  CREATE TABLE scriptorium.reconciliations (
    generation_id text COLLATE "C" NOT NULL, attempt bigint NOT NULL, reconciled_at bigint NOT NULL, response_id text NOT NULL,
    source text NOT NULL, input_tokens bigint NOT NULL, output_tokens bigint NOT NULL, cached_input_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL, cost_pico bigint,
    estimated_cost_pico bigint, replaced_source text NOT NULL, replaced_input_tokens bigint NOT NULL,
    replaced_output_tokens bigint NOT NULL, replaced_cost_pico bigint, replaced_estimated_cost_pico bigint,
    PRIMARY KEY (generation_id, attempt)
  );
  CREATE TABLE scriptorium.labels (
    generation_id text COLLATE "C" NOT NULL, attempt bigint NOT NULL, name text COLLATE "C" NOT NULL, value text NOT NULL, PRIMARY KEY (generation_id, attempt, name)
  );
  CREATE INDEX generations_by_time ON scriptorium.generations (started_at);
  CREATE INDEX generations_by_model ON scriptorium.generations (model, started_at);
  CREATE INDEX attempts_by_time ON scriptorium.attempts (started_at);
  CREATE INDEX attempts_by_model ON scriptorium.attempts (model, started_at);
  CREATE INDEX labels_by_value ON scriptorium.labels (name, left(value, 200));
  `,
  },
] as const;
