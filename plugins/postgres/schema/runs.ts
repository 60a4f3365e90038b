/** Functions that create, find and change whole runs. */
export const RUNS = `
CREATE FUNCTION scriptorium.find_run(p_run text) RETURNS scriptorium.runs LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs;
BEGIN
  SELECT * INTO r FROM scriptorium.runs WHERE id = p_run OR name = p_run ORDER BY id <> p_run LIMIT 1;
  IF FOUND THEN RETURN r; END IF;
  RAISE EXCEPTION USING ERRCODE = 'SR003', MESSAGE = format('The journal has no run "%s". List its runs.', p_run);
END $$;

CREATE FUNCTION scriptorium.lock_run(p_run text) RETURNS scriptorium.runs LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs := scriptorium.find_run(p_run);
BEGIN
  UPDATE scriptorium.runs SET changes = changes + 1 WHERE key = r.key RETURNING * INTO r;
  IF r.key IS NULL THEN RETURN scriptorium.find_run(p_run); END IF;
  RETURN r;
END $$;

CREATE FUNCTION scriptorium.refuse_if_ended(r scriptorium.runs) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF r.ended_at IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'SR004', MESSAGE = format('The run "%s" is %s; it cannot be changed.', r.name, r.state);
  END IF;
END $$;

CREATE FUNCTION scriptorium.create_run(p_name text, p_hash text, p_digest text, p_labels text, p_limits jsonb, p_data text,
  p_ids text[], p_priced boolean[], p_inputs text[], p_after text[], p_datas text[], p_places int[], p_dependants int[])
RETURNS TABLE (o_id text, o_hash text, o_is_new boolean) LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs; now_ms bigint := scriptorium.runs_now();
BEGIN
  INSERT INTO scriptorium.runs (id, name, hash, digest, state, created_at, labels, limits, data)
    VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), p_name, p_hash, p_digest, 'running', now_ms, p_labels,
      p_limits, p_data) ON CONFLICT (name) DO NOTHING RETURNING * INTO r;
  o_is_new := r.key IS NOT NULL;
  IF NOT o_is_new THEN
    SELECT * INTO r FROM scriptorium.runs WHERE name = p_name;
    SELECT r.id, r.hash INTO o_id, o_hash;
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO scriptorium.dependants (run, place, dependant)
    SELECT r.key, place, dependant FROM unnest(p_places, p_dependants) AS given (place, dependant);
  INSERT INTO scriptorium.specs (run, place, input, after, data) SELECT r.key, place - 1, input, after, data
    FROM unnest(p_inputs, p_after, p_datas) WITH ORDINALITY AS given (input, after, data, place);
  INSERT INTO scriptorium.items (run, place, id, is_priced, blockers, has_dependants, state, since)
    SELECT r.key, ord - 1, given.id, priced, coalesce(blockers, 0), waited.place IS NOT NULL,
      CASE WHEN coalesce(blockers, 0) = 0 THEN 'ready' ELSE 'waiting' END, now_ms
    FROM unnest(p_ids, p_priced) WITH ORDINALITY AS given (id, priced, ord)
    LEFT JOIN (SELECT dependant, count(*) AS blockers FROM scriptorium.dependants WHERE run = r.key GROUP BY dependant) AS blocked
      ON blocked.dependant = ord - 1
    LEFT JOIN (SELECT DISTINCT dependants.place FROM scriptorium.dependants WHERE run = r.key) AS waited ON waited.place = ord - 1;
  PERFORM scriptorium.changed(r.id, NULL);
  SELECT r.id, r.hash INTO o_id, o_hash;
  RETURN NEXT;
END $$;

CREATE FUNCTION scriptorium.pause(p_run text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs := scriptorium.lock_run(p_run);
BEGIN
  PERFORM scriptorium.refuse_if_ended(r);
  UPDATE scriptorium.runs SET state = 'paused' WHERE key = r.key;
  PERFORM scriptorium.changed(r.id, NULL);
  RETURN r.id;
END $$;

CREATE FUNCTION scriptorium.resume(p_run text, p_limits jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs := scriptorium.lock_run(p_run); it scriptorium.items; now_ms bigint := scriptorium.runs_now();
BEGIN
  IF r.state = 'cancelled' THEN PERFORM scriptorium.refuse_if_ended(r); END IF;
  IF r.state = 'done' THEN RETURN r.id; END IF;
  UPDATE scriptorium.runs SET state = 'running', ended_at = NULL, limits = limits || p_limits WHERE key = r.key;
  UPDATE scriptorium.items SET tries = 0, restarts = 0 WHERE run = r.key AND state = 'failed';
  UPDATE scriptorium.items SET state = 'ready', reason = NULL, until = NULL, since = now_ms
    WHERE run = r.key AND state IN ('failed', 'parked');
  UPDATE scriptorium.items SET state = 'waiting', reason = NULL, until = NULL, since = now_ms
    WHERE run = r.key AND state = 'cancelled' AND NOT is_cancelled_itself;
  FOR it IN SELECT * FROM scriptorium.items WHERE run = r.key AND state = 'cancelled' ORDER BY place LOOP
    PERFORM scriptorium.cancel_dependants(it, 'was cancelled', now_ms);
  END LOOP;
  UPDATE scriptorium.items SET state = 'ready', reason = NULL, until = NULL, since = now_ms
    WHERE run = r.key AND state = 'waiting' AND blockers = 0;
  PERFORM scriptorium.end_if_over(r.key, now_ms);
  PERFORM scriptorium.changed(r.id, NULL);
  RETURN r.id;
END $$;

CREATE FUNCTION scriptorium.cancel(p_run text, p_item text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs := scriptorium.lock_run(p_run); it scriptorium.items; now_ms bigint := scriptorium.runs_now();
BEGIN
  IF p_item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scriptorium.items WHERE run = r.key AND id = p_item) THEN
    RAISE EXCEPTION USING ERRCODE = 'SR003',
      MESSAGE = format('The run "%s" has no item "%s". See its status.', r.name, p_item);
  END IF;
  IF r.state = 'done' THEN PERFORM scriptorium.refuse_if_ended(r); END IF;
  FOR it IN SELECT * FROM scriptorium.items WHERE run = r.key AND (p_item IS NULL OR id = p_item)
    AND (state = 'leased' OR (p_item IS NOT NULL AND state IN ('waiting', 'ready', 'parked'))) ORDER BY place FOR NO KEY UPDATE
  LOOP
    PERFORM scriptorium.move(it, 'cancelled', '"cancelled"', NULL, now_ms);
    UPDATE scriptorium.items SET is_cancelled_itself = true WHERE run = it.run AND place = it.place;
    IF p_item IS NOT NULL THEN PERFORM scriptorium.cancel_dependants(it, 'was cancelled', now_ms); END IF;
  END LOOP;
  IF p_item IS NULL THEN
    UPDATE scriptorium.items SET state = 'cancelled', reason = '"cancelled"', until = NULL, since = now_ms,
      is_cancelled_itself = true WHERE run = r.key AND state IN ('waiting', 'ready', 'parked');
    UPDATE scriptorium.runs SET state = 'cancelled', ended_at = coalesce(ended_at, now_ms) WHERE key = r.key;
  END IF;
  PERFORM scriptorium.end_if_over(r.key, now_ms);
  PERFORM scriptorium.changed(r.id, p_item);
  RETURN r.id;
END $$;

CREATE FUNCTION scriptorium.prune(p_older_ms bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs;
BEGIN
  FOR r IN DELETE FROM scriptorium.runs WHERE ended_at < scriptorium.runs_now() - p_older_ms RETURNING * LOOP
    DELETE FROM scriptorium.chunks WHERE run = r.key;
    DELETE FROM scriptorium.attempts WHERE run = r.key;
    DELETE FROM scriptorium.dependants WHERE run = r.key;
    DELETE FROM scriptorium.specs WHERE run = r.key;
    DELETE FROM scriptorium.items WHERE run = r.key;
    PERFORM scriptorium.changed(r.id, NULL);
    RETURN NEXT r.id;
  END LOOP;
END $$;
`;
