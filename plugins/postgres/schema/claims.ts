/**
 * Claims. The run is locked while its concurrency and its budget are judged, and so is each item that may be taken over: a
 * renewal in the same moment is seen. Claims from any run come one after the other, as they may hold the locks of several runs.
 */
export const CLAIMS = `
CREATE FUNCTION scriptorium.is_lost(it scriptorium.items, p_now bigint, p_dead text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$ SELECT it.until <= p_now OR it.until > p_now + it.lease_ms OR it.worker = ANY (p_dead) $$;

CREATE FUNCTION scriptorium.is_due(it scriptorium.items, p_now bigint, p_dead text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE it.state
    WHEN 'ready' THEN it.until IS NULL OR it.until <= p_now
    WHEN 'parked' THEN it.until <= p_now
    ELSE scriptorium.is_lost(it, p_now, p_dead) END
$$;

-- What a lease may still cost beyond what it has cost.
CREATE FUNCTION scriptorium.held_by(it scriptorium.items) RETURNS numeric LANGUAGE sql IMMUTABLE AS
  $$ SELECT greatest(0, it.hold::numeric - (it.known::numeric + it.estimated - it.spent_before)) $$;

-- The share of a claim in whole billionths of a dollar; NULL if what is left does not suffice.
CREATE FUNCTION scriptorium.hold_for(it scriptorium.items, p_left numeric, p_others int, p_concurrency int)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  money bigint := (trunc(p_left / 1000) * 1000)::bigint;
  hold bigint := greatest(it.needs, money / (greatest(1, p_concurrency - p_others) * 1000) * 1000);
BEGIN
  IF NOT it.is_priced THEN RETURN CASE WHEN p_others = 0 AND money >= greatest(it.needs, 1000) THEN money END; END IF;
  RETURN CASE WHEN hold > 0 AND hold <= money THEN hold END;
END $$;

CREATE FUNCTION scriptorium.give(it scriptorium.items, p_hold bigint, p_worker text, p_machine text, p_lease_ms bigint, p_now bigint)
RETURNS scriptorium.items LANGUAGE plpgsql AS $$
BEGIN
  IF it.state = 'leased' THEN PERFORM scriptorium.settle(it); END IF;
  UPDATE scriptorium.items SET state = 'leased', reason = NULL, until = p_now + p_lease_ms, since = p_now, worker = p_worker,
    machine = p_machine, lease_ms = p_lease_ms, has_added = false, hold = p_hold,
    spent_before = scriptorium.clamped(known::numeric + estimated), epoch = epoch + 1
    WHERE run = it.run AND place = it.place RETURNING * INTO it;
  RETURN it;
END $$;

CREATE FUNCTION scriptorium.claim_once(r scriptorium.runs, p_worker text, p_machine text, p_lease_ms bigint, p_dead text[], p_now bigint)
RETURNS scriptorium.items LANGUAGE plpgsql AS $$
DECLARE
  it scriptorium.items; leased int; held numeric; spent numeric; others int; own int; hold bigint; is_full boolean := false;
  most int := (r.limits ->> 'concurrency')::int;
  budget numeric := least(round((r.limits ->> 'budgetUsd')::numeric * 1000000000000), 9000000000000000000);
BEGIN
  SELECT count(*), coalesce(sum(scriptorium.held_by(items)), 0), coalesce(sum(known::numeric + estimated - spent_before), 0)
    INTO leased, held, spent FROM scriptorium.items WHERE run = r.key AND state = 'leased';
  SELECT spent + settled INTO spent FROM scriptorium.runs WHERE key = r.key;
  FOR it IN SELECT * FROM scriptorium.items WHERE run = r.key AND state IN ('ready', 'parked', 'leased')
    AND scriptorium.is_due(items, p_now, p_dead) ORDER BY place
  LOOP
    own := (it.state = 'leased')::int;
    others := leased - own;
    IF others >= most OR (is_full AND own = 0) THEN CONTINUE; END IF;
    hold := CASE WHEN budget = 0 THEN 0
      ELSE scriptorium.hold_for(it, budget - spent - held + CASE WHEN own = 1 THEN scriptorium.held_by(it) ELSE 0 END, others, most) END;
    IF hold IS NOT NULL THEN RETURN scriptorium.give(it, hold, p_worker, p_machine, p_lease_ms, p_now); END IF;
    IF others > 0 THEN
      is_full := is_full OR (own = 0 AND it.is_priced AND it.needs = 0);
      CONTINUE;
    END IF;
    PERFORM scriptorium.move(it, 'parked', '"budget"', NULL, p_now);
    IF own = 1 THEN
      leased := 0; held := 0; is_full := false;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Where all items in flight are lost, they do not keep places and money from each other: all of them become ready.
CREATE FUNCTION scriptorium.claim_in(p_key bigint, p_worker text, p_machine text, p_lease_ms bigint, p_dead text[])
RETURNS scriptorium.items LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs; it scriptorium.items; now_ms bigint; leased int := 0; lost int := 0;
BEGIN
  SELECT * INTO r FROM scriptorium.runs WHERE key = p_key AND state = 'running' FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  now_ms := scriptorium.runs_now();
  PERFORM 1 FROM scriptorium.items WHERE run = p_key AND state = 'leased' AND scriptorium.is_lost(items, now_ms, p_dead) FOR NO KEY UPDATE;
  it := scriptorium.claim_once(r, p_worker, p_machine, p_lease_ms, p_dead, now_ms);
  IF it.run IS NOT NULL THEN RETURN it; END IF;
  SELECT count(*), count(*) FILTER (WHERE scriptorium.is_lost(items, now_ms, p_dead)) INTO leased, lost
    FROM scriptorium.items WHERE run = p_key AND state = 'leased';
  IF lost = 0 OR lost < leased THEN RETURN NULL; END IF;
  FOR it IN SELECT * FROM scriptorium.items WHERE run = p_key AND state = 'leased' ORDER BY place LOOP
    PERFORM scriptorium.move(it, 'ready', NULL, NULL, now_ms);
  END LOOP;
  RETURN scriptorium.claim_once(r, p_worker, p_machine, p_lease_ms, p_dead, now_ms);
END $$;

CREATE FUNCTION scriptorium.has_due(p_key bigint, p_now bigint, p_dead text[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM scriptorium.items WHERE run = p_key AND state IN ('ready', 'parked', 'leased')
    AND scriptorium.is_due(items, p_now, p_dead) LIMIT 1;
  RETURN FOUND;
END $$;

CREATE FUNCTION scriptorium.claim(p_run text, p_worker text, p_machine text, p_lease_ms bigint, p_dead text[], p_known text[])
RETURNS TABLE (o_strangers text[], o_run text, o_item text, o_epoch int, o_place int, o_input text, o_labels text, o_text bytea,
  o_bytes int, o_tries int, o_restarts int, o_limits jsonb, o_hold bigint, o_retry_ms bigint, o_is_busy boolean)
LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs; it scriptorium.items; each bigint; now_ms bigint;
BEGIN
  SELECT array_agg(DISTINCT worker) INTO o_strangers FROM scriptorium.items
    WHERE state = 'leased' AND machine = p_machine AND worker <> ALL (p_known);
  IF o_strangers IS NOT NULL THEN RETURN NEXT; RETURN; END IF;
  IF p_run IS NOT NULL THEN
    r := scriptorium.find_run(p_run);
    it := scriptorium.claim_in(r.key, p_worker, p_machine, p_lease_ms, p_dead);
  ELSE
    PERFORM pg_advisory_xact_lock(hashtext('scriptorium.claims'), 1);
    now_ms := scriptorium.runs_now();
    FOR each IN SELECT key FROM scriptorium.runs WHERE state = 'running' AND scriptorium.has_due(key, now_ms, p_dead) ORDER BY (SELECT count(*) FROM scriptorium.items WHERE run = key AND items.state = 'leased'), key
    LOOP
      it := scriptorium.claim_in(each, p_worker, p_machine, p_lease_ms, p_dead);
      EXIT WHEN it.run IS NOT NULL;
    END LOOP;
  END IF;
  IF it.run IS NULL THEN
    now_ms := scriptorium.runs_now();
    SELECT min(until) FILTER (WHERE runs.state = 'running' AND until > now_ms) - now_ms,
      coalesce(bool_or(items.state = 'leased'), false) INTO o_retry_ms, o_is_busy
      FROM scriptorium.runs JOIN scriptorium.items ON items.run = runs.key AND items.state IN ('ready', 'parked', 'leased')
      WHERE r.key IS NULL OR runs.key = r.key;
    RETURN NEXT;
    RETURN;
  END IF;
  UPDATE scriptorium.runs SET changes = changes + 1 WHERE key = it.run RETURNING * INTO r;
  PERFORM scriptorium.changed(r.id, it.id);
  SELECT r.id, it.id, it.epoch, it.place, input, r.labels, scriptorium.text_of(it.run, it.place), it.bytes, it.tries, it.restarts,
      r.limits, it.hold
    INTO o_run, o_item, o_epoch, o_place, o_input, o_labels, o_text, o_bytes, o_tries, o_restarts, o_limits, o_hold
    FROM scriptorium.specs WHERE run = it.run AND place = it.place;
  RETURN NEXT;
END $$;
`;
