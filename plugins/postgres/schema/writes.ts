/** The writes of an item's owner, one call each. The run is locked before its item, so that two calls never wait for each other. */
export const WRITES = `
CREATE FUNCTION scriptorium.renew(p_run text, p_item text, p_epoch int, p_lease_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE it scriptorium.items := scriptorium.own_item(p_run, p_item, p_epoch);
BEGIN
  UPDATE scriptorium.items SET until = scriptorium.runs_now() + p_lease_ms, lease_ms = p_lease_ms WHERE run = it.run AND place = it.place;
END $$;

CREATE FUNCTION scriptorium.checkpoint(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM scriptorium.apply_progress(scriptorium.own_item(p_run, p_item, p_epoch), p_text, p_pieces, p_attempts);
END $$;

-- The last progress of a claim. Returns its item, which is about to change its state.
CREATE FUNCTION scriptorium.last_write(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json)
RETURNS scriptorium.items LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scriptorium.runs SET changes = changes + 1 WHERE id = p_run;
  PERFORM scriptorium.changed(p_run, p_item);
  RETURN scriptorium.apply_progress(scriptorium.own_item(p_run, p_item, p_epoch), p_text, p_pieces, p_attempts);
END $$;

CREATE FUNCTION scriptorium.commit_item(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json,
  p_result text, p_sha256 text, p_words int, p_digest text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  it scriptorium.items := scriptorium.last_write(p_run, p_item, p_epoch, p_text, p_pieces, p_attempts);
  now_ms bigint := scriptorium.runs_now();
BEGIN
  PERFORM scriptorium.settle(it);
  UPDATE scriptorium.items SET state = 'done', since = now_ms, result = p_result, sha256 = p_sha256, words = p_words,
    digests = scriptorium.digests_of(it.run, it.place, p_sha256, p_digest), reason = NULL, until = NULL, worker = NULL,
    machine = NULL, error = NULL WHERE run = it.run AND place = it.place;
  IF it.has_dependants THEN
    UPDATE scriptorium.items SET blockers = blockers - 1 WHERE run = it.run
      AND place IN (SELECT dependant FROM scriptorium.dependants WHERE run = it.run AND place = it.place);
    UPDATE scriptorium.items SET state = 'ready', since = now_ms, reason = NULL, until = NULL
      WHERE run = it.run AND state = 'waiting' AND blockers = 0
      AND place IN (SELECT dependant FROM scriptorium.dependants WHERE run = it.run AND place = it.place);
  END IF;
  PERFORM scriptorium.end_if_over(it.run, now_ms);
END $$;

CREATE FUNCTION scriptorium.end_try(it scriptorium.items, p_is_over boolean, p_error text, p_reason text, p_retry_ms bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE now_ms bigint := scriptorium.runs_now();
BEGIN
  UPDATE scriptorium.items SET error = p_error WHERE run = it.run AND place = it.place;
  IF p_is_over THEN
    PERFORM scriptorium.move(it, 'failed', p_reason, NULL, now_ms);
    PERFORM scriptorium.cancel_dependants(it, 'has failed', now_ms);
    PERFORM scriptorium.end_if_over(it.run, now_ms);
    RETURN 'failed';
  END IF;
  PERFORM scriptorium.move(it, 'ready', p_reason, now_ms + p_retry_ms, now_ms);
  RETURN 'ready';
END $$;

CREATE FUNCTION scriptorium.fail(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json,
  p_error text, p_reason text, p_retry_ms bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  it scriptorium.items := scriptorium.last_write(p_run, p_item, p_epoch, p_text, p_pieces, p_attempts);
  most int := (SELECT (limits ->> 'tries')::int FROM scriptorium.runs WHERE key = it.run);
BEGIN
  IF NOT it.has_added THEN
    it.tries := it.tries + 1;
    UPDATE scriptorium.items SET tries = it.tries WHERE run = it.run AND place = it.place;
  END IF;
  RETURN scriptorium.end_try(it, p_retry_ms IS NULL OR it.tries >= most, p_error, p_reason, p_retry_ms);
END $$;

CREATE FUNCTION scriptorium.reset(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json,
  p_error text, p_reason text, p_retry_ms bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  it scriptorium.items := scriptorium.last_write(p_run, p_item, p_epoch, p_text, p_pieces, p_attempts);
  most int := (SELECT (limits ->> 'restarts')::int FROM scriptorium.runs WHERE key = it.run);
BEGIN
  IF it.restarts < most THEN
    DELETE FROM scriptorium.chunks WHERE run = it.run AND place = it.place;
    UPDATE scriptorium.items SET restarts = restarts + 1, bytes = 0 WHERE run = it.run AND place = it.place;
  END IF;
  RETURN scriptorium.end_try(it, it.restarts >= most, p_error, p_reason, p_retry_ms);
END $$;

CREATE FUNCTION scriptorium.park(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json,
  p_error text, p_reason text, p_for_ms bigint, p_needs bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  it scriptorium.items := scriptorium.last_write(p_run, p_item, p_epoch, p_text, p_pieces, p_attempts);
  now_ms bigint := scriptorium.runs_now();
BEGIN
  UPDATE scriptorium.items SET error = coalesce(p_error, error), needs = coalesce(p_needs, needs)
    WHERE run = it.run AND place = it.place AND (p_error IS NOT NULL OR p_needs IS NOT NULL);
  IF p_needs IS NULL THEN PERFORM scriptorium.move(it, 'parked', p_reason, now_ms + p_for_ms, now_ms);
  ELSE PERFORM scriptorium.move(it, 'ready', p_reason, NULL, now_ms);
  END IF;
END $$;

CREATE FUNCTION scriptorium.release(p_run text, p_item text, p_epoch int, p_text bytea, p_pieces json, p_attempts json)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM scriptorium.move(scriptorium.last_write(p_run, p_item, p_epoch, p_text, p_pieces, p_attempts), 'ready', NULL, NULL, scriptorium.runs_now());
END $$;
`;
