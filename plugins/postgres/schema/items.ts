/** Functions that own, change and move an item. A refusal is an error with a state of the class SR, which undoes the call. */
export const ITEMS = `
CREATE FUNCTION scriptorium.changed(p_run text, p_item text) RETURNS void LANGUAGE sql AS
  $$ SELECT pg_notify('scriptorium.runs', p_run || coalesce(' ' || p_item, '')) $$;

CREATE FUNCTION scriptorium.clamped(amount numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT least(coalesce(amount, 0), 9000000000000000000)::bigint $$;

CREATE FUNCTION scriptorium.own_item(p_run text, p_item text, p_epoch int) RETURNS scriptorium.items LANGUAGE plpgsql AS $$
DECLARE it scriptorium.items;
BEGIN
  SELECT items.* INTO it FROM scriptorium.runs JOIN scriptorium.items ON items.run = runs.key
    WHERE runs.id = p_run AND items.id = p_item FOR NO KEY UPDATE OF items;
  IF it.state = 'leased' AND it.epoch = p_epoch THEN RETURN it; END IF;
  RAISE EXCEPTION USING ERRCODE = 'SR001', MESSAGE = format(
    'The lease of item "%s" with epoch %s is lost: %s. Abort its generation.', p_item, p_epoch,
    CASE WHEN it.run IS NULL THEN 'it does not exist any more' ELSE format('it is %s with epoch %s', it.state, it.epoch) END);
END $$;

CREATE FUNCTION scriptorium.apply_progress(it scriptorium.items, p_text bytea, p_pieces json, p_attempts json)
RETURNS scriptorium.items LANGUAGE plpgsql AS $$
DECLARE piece record; made record; taken int := 0;
BEGIN
  FOR piece IN SELECT * FROM json_to_recordset(p_pieces) AS given (at bigint, bytes int, source text) LOOP
    IF piece.at <> it.bytes THEN
      RAISE EXCEPTION USING ERRCODE = 'SR002', MESSAGE = format(
        'A text for byte %s of item "%s" was refused: its text ends at byte %s. Read it again.', piece.at, it.id, it.bytes);
    END IF;
    INSERT INTO scriptorium.chunks (run, place, at, text, source)
      VALUES (it.run, it.place, it.bytes, substring(p_text FROM taken + 1 FOR piece.bytes), piece.source);
    taken := taken + piece.bytes;
    it.bytes := it.bytes + piece.bytes;
    it.tries := 0;
    it.has_added := true;
  END LOOP;
  FOR made IN SELECT * FROM json_to_recordset(p_attempts) AS given (
    generation text, attempt int, outcome text, provider text, model text, usage text, input_tokens bigint,
    output_tokens bigint, known bigint, estimated bigint, unmeasured int
  ) LOOP
    INSERT INTO scriptorium.attempts AS kept (run, place, generation, attempt, ordinal, outcome, provider, model, usage,
      input_tokens, output_tokens, known, estimated, unmeasured)
    VALUES (it.run, it.place, made.generation, made.attempt,
      (SELECT coalesce(max(ordinal), 0) + 1 FROM scriptorium.attempts WHERE run = it.run AND place = it.place),
      made.outcome, made.provider, made.model, made.usage, made.input_tokens, made.output_tokens,
      made.known, made.estimated, made.unmeasured)
    ON CONFLICT (run, place, generation, attempt) DO UPDATE SET outcome = excluded.outcome, provider = excluded.provider,
      model = excluded.model, usage = excluded.usage, input_tokens = excluded.input_tokens,
      output_tokens = excluded.output_tokens, known = excluded.known, estimated = excluded.estimated,
      unmeasured = excluded.unmeasured;
  END LOOP;
  IF json_array_length(p_attempts) > 0 THEN
    SELECT count(*), sum(input_tokens), sum(output_tokens), scriptorium.clamped(sum(known)), scriptorium.clamped(sum(estimated)), sum(unmeasured)
      INTO it.attempts, it.input_tokens, it.output_tokens, it.known, it.estimated, it.unmeasured
      FROM scriptorium.attempts WHERE run = it.run AND place = it.place;
  ELSIF taken = 0 THEN
    RETURN it;
  END IF;
  UPDATE scriptorium.items SET bytes = it.bytes, tries = it.tries, has_added = it.has_added, attempts = it.attempts,
    input_tokens = it.input_tokens, output_tokens = it.output_tokens, known = it.known, estimated = it.estimated,
    unmeasured = it.unmeasured WHERE run = it.run AND place = it.place;
  RETURN it;
END $$;

CREATE FUNCTION scriptorium.digest_of(p_json text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT encode(sha256(convert_to(p_json, 'UTF8')), 'hex') $$;

CREATE FUNCTION scriptorium.text_of(p_run bigint, p_place int) RETURNS bytea LANGUAGE sql STABLE AS
  $$ SELECT coalesce(string_agg(text, ''::bytea ORDER BY at), ''::bytea) FROM scriptorium.chunks WHERE run = p_run AND place = p_place $$;

CREATE FUNCTION scriptorium.spans_of(p_run bigint, p_place int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '[' || coalesce(string_agg(format('[%s,%s,%s]', starts, ends, source), ',' ORDER BY starts), '') || ']' FROM (
    SELECT min(at) AS starts, max(ends) AS ends, source FROM (
      SELECT at, ends, source, count(*) FILTER (WHERE is_new) OVER (ORDER BY at) AS stretch FROM (
        SELECT at, at + octet_length(text) AS ends, source, source IS DISTINCT FROM lag(source) OVER (ORDER BY at) AS is_new
        FROM scriptorium.chunks WHERE run = p_run AND place = p_place
      ) AS pieces
    ) AS numbered GROUP BY stretch, source
  ) AS stretches
$$;

CREATE FUNCTION scriptorium.digests_of(p_run bigint, p_place int, p_sha256 text, p_result text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'text', coalesce(p_sha256, encode(sha256(scriptorium.text_of(p_run, p_place)), 'hex')),
    'spans', scriptorium.digest_of(scriptorium.spans_of(p_run, p_place)),
    'attempts', scriptorium.digest_of('[' || coalesce((SELECT string_agg(
        format('[%s,%s,%s,%s,"%s",%s]', generation, attempt, provider, model, outcome, usage), ',' ORDER BY ordinal
      ) FROM scriptorium.attempts WHERE run = p_run AND place = p_place), '') || ']'),
    'result', coalesce(p_result, scriptorium.digest_of('null')))::text
$$;

-- The end of a lease: running attempts are lost, and the run gets its money.
CREATE FUNCTION scriptorium.settle(it scriptorium.items) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scriptorium.attempts SET outcome = 'lost' WHERE run = it.run AND place = it.place AND outcome = 'running';
  UPDATE scriptorium.runs SET settled = scriptorium.clamped(settled::numeric + it.known + it.estimated - it.spent_before)
    WHERE key = it.run AND it.known::numeric + it.estimated <> it.spent_before;
END $$;

CREATE FUNCTION scriptorium.move(it scriptorium.items, p_state text, p_reason text, p_until bigint, p_now bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF it.state = 'leased' THEN
    PERFORM scriptorium.settle(it);
    it.digests := scriptorium.digests_of(it.run, it.place, NULL, NULL);
  END IF;
  UPDATE scriptorium.items SET state = p_state, reason = p_reason, until = p_until, since = p_now, worker = NULL, machine = NULL,
    digests = it.digests WHERE run = it.run AND place = it.place;
END $$;

CREATE FUNCTION scriptorium.cancel_dependants(it scriptorium.items, p_why text, p_now bigint) RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE gone (place) AS (
    VALUES (it.place)
    UNION SELECT items.place FROM gone JOIN scriptorium.dependants ON dependants.run = it.run AND dependants.place = gone.place
      JOIN scriptorium.items ON items.run = it.run AND items.place = dependants.dependant WHERE items.state = 'waiting'
  )
  UPDATE scriptorium.items SET state = 'cancelled', reason = to_json(format('item "%s" %s', it.id, p_why))::text, until = NULL,
    since = p_now WHERE run = it.run AND state = 'waiting' AND place IN (SELECT place FROM gone)
$$;

CREATE FUNCTION scriptorium.end_if_over(p_run bigint, p_now bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE scriptorium.runs SET ended_at = p_now, state = CASE
      WHEN EXISTS (SELECT 1 FROM scriptorium.items WHERE run = p_run AND state = 'failed') THEN 'failed'
      WHEN EXISTS (SELECT 1 FROM scriptorium.items WHERE run = p_run AND state = 'cancelled') THEN 'cancelled'
      ELSE 'done' END
    WHERE key = p_run AND ended_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM scriptorium.items WHERE run = p_run AND state IN ('ready', 'parked', 'leased'))
      AND NOT EXISTS (SELECT 1 FROM scriptorium.items WHERE run = p_run AND state = 'waiting')
$$;
`;
