/**
 * The tables of version 1. Money is in whole pico-dollars, times in epoch milliseconds of `runs_now()`. Texts are bytes and
 * values from outside are JSON, since a text of PostgreSQL cannot hold U+0000.
 *
 * `runs.settled` is the money of a run as of the last start or end of the lease of each item; a lease adds its own. So a
 * checkpoint changes its item only, and the items of a run do not wait for each other.
 *
 * No two indexes that fit a query begin with the same column: the planner knows nothing of a new run, and would take any.
 */
export const TABLES = `
CREATE FUNCTION scriptorium.runs_now() RETURNS bigint LANGUAGE sql VOLATILE AS
  $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
CREATE TABLE scriptorium.runs (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, name text NOT NULL UNIQUE,
  hash text NOT NULL, digest text NOT NULL, state text NOT NULL, created_at bigint NOT NULL, ended_at bigint,
  labels text NOT NULL, limits jsonb NOT NULL, data text, settled bigint NOT NULL DEFAULT 0, changes bigint NOT NULL DEFAULT 0
);
CREATE INDEX runs_running ON scriptorium.runs (key) WHERE state = 'running';
CREATE TABLE scriptorium.items (
  run bigint NOT NULL, place int NOT NULL, id text NOT NULL, is_priced boolean NOT NULL, blockers int NOT NULL,
  has_dependants boolean NOT NULL, state text NOT NULL, epoch int NOT NULL DEFAULT 0, tries int NOT NULL DEFAULT 0,
  restarts int NOT NULL DEFAULT 0, since bigint NOT NULL, until bigint, reason text, error text,
  is_cancelled_itself boolean NOT NULL DEFAULT false, worker text, machine text, lease_ms bigint NOT NULL DEFAULT 0,
  has_added boolean NOT NULL DEFAULT false, needs bigint NOT NULL DEFAULT 0, hold bigint NOT NULL DEFAULT 0,
  spent_before bigint NOT NULL DEFAULT 0, bytes int NOT NULL DEFAULT 0, attempts int NOT NULL DEFAULT 0,
  input_tokens bigint NOT NULL DEFAULT 0, output_tokens bigint NOT NULL DEFAULT 0, known bigint NOT NULL DEFAULT 0,
  estimated bigint NOT NULL DEFAULT 0, unmeasured int NOT NULL DEFAULT 0, words int NOT NULL DEFAULT 0, sha256 text,
  result text, digests text, PRIMARY KEY (run, place), UNIQUE (id, run)
) WITH (fillfactor = 70);
CREATE INDEX items_open ON scriptorium.items (run, place) WHERE state IN ('ready', 'parked', 'leased');
CREATE INDEX items_waiting ON scriptorium.items (run) WHERE state = 'waiting';
CREATE INDEX items_leased ON scriptorium.items (run) WHERE state = 'leased';
CREATE INDEX items_by_machine ON scriptorium.items (machine) WHERE state = 'leased';
CREATE TABLE scriptorium.specs (
  run bigint NOT NULL, place int NOT NULL, input text NOT NULL, after text, data text, PRIMARY KEY (run, place)
);
CREATE TABLE scriptorium.dependants (
  run bigint NOT NULL, place int NOT NULL, dependant int NOT NULL, PRIMARY KEY (run, place, dependant)
);
CREATE TABLE scriptorium.chunks (
  run bigint NOT NULL, place int NOT NULL, at int NOT NULL, text bytea NOT NULL, source text NOT NULL,
  PRIMARY KEY (run, place, at)
);
CREATE TABLE scriptorium.attempts (
  run bigint NOT NULL, place int NOT NULL, generation text NOT NULL, attempt int NOT NULL, ordinal int NOT NULL,
  outcome text NOT NULL, provider text NOT NULL, model text NOT NULL, usage text NOT NULL, input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL, known bigint NOT NULL, estimated bigint NOT NULL, unmeasured int NOT NULL,
  PRIMARY KEY (run, place, generation, attempt)
) WITH (fillfactor = 70);
`;
