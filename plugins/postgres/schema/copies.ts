/** Adds a run of another journal. */
export const COPIES = `
CREATE FUNCTION scriptorium.add_run(p_id text, p_state text, p_created_at bigint, p_ended_at bigint, p_items json, p_text bytea,
  p_pieces json, p_attempts json, p_name text, p_hash text, p_digest text, p_labels text, p_limits jsonb, p_data text,
  p_ids text[], p_priced boolean[], p_inputs text[], p_after text[], p_datas text[], p_places int[], p_dependants int[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE r scriptorium.runs; is_new boolean := false;
BEGIN
  SELECT * INTO r FROM scriptorium.runs WHERE id IN (p_id, p_name) OR name IN (p_id, p_name) LIMIT 1;
  IF r.key IS NULL THEN
    SELECT o_is_new INTO is_new FROM scriptorium.create_run(p_name, p_hash, p_digest, p_labels, p_limits, p_data, p_ids, p_priced,
      p_inputs, p_after, p_datas, p_places, p_dependants);
  END IF;
  IF NOT is_new THEN
    RAISE EXCEPTION USING ERRCODE = 'SR005',
      MESSAGE = format('The journal has the run "%s" already. Remove it there, or leave it.', coalesce(r.name, p_name));
  END IF;
  UPDATE scriptorium.runs SET id = p_id, state = p_state, created_at = p_created_at, ended_at = p_ended_at
    WHERE name = p_name RETURNING * INTO r;
  INSERT INTO scriptorium.chunks (run, place, at, text, source)
    SELECT r.key, place, at, substring(p_text FROM start + 1 FOR bytes), source
    FROM json_to_recordset(p_pieces) AS given (place int, at int, start int, bytes int, source text);
  INSERT INTO scriptorium.attempts (run, place, generation, attempt, ordinal, outcome, provider, model, usage, input_tokens,
      output_tokens, known, estimated, unmeasured)
    SELECT r.key, place, generation, attempt, ordinal, outcome, provider, model, usage, input_tokens, output_tokens, known,
      estimated, unmeasured
    FROM json_to_recordset(p_attempts) AS given (place int, ordinal int, generation text, attempt int, outcome text, provider text,
      model text, usage text, input_tokens bigint, output_tokens bigint, known bigint, estimated bigint, unmeasured int);
  UPDATE scriptorium.items SET state = given.state, epoch = given.epoch, tries = given.tries, restarts = given.restarts,
      since = given.since, until = given.until, reason = given.reason, error = given.error, needs = given.needs,
      is_cancelled_itself = given.is_cancelled_itself, bytes = given.bytes, result = given.result, sha256 = given.sha256,
      words = given.words, digests = given.digests
    FROM json_to_recordset(p_items) AS given (place int, state text, epoch int, tries int, restarts int, since bigint,
      until bigint, reason text, error text, needs bigint, is_cancelled_itself boolean, bytes int, result text, sha256 text,
      words int, digests text)
    WHERE items.run = r.key AND items.place = given.place;
  UPDATE scriptorium.items SET attempts = sums.attempts, input_tokens = sums.input_tokens, output_tokens = sums.output_tokens,
      known = sums.known, estimated = sums.estimated, unmeasured = sums.unmeasured,
      spent_before = scriptorium.clamped(sums.known::numeric + sums.estimated)
    FROM (SELECT place, count(*) AS attempts, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
        scriptorium.clamped(sum(known)) AS known, scriptorium.clamped(sum(estimated)) AS estimated, sum(unmeasured) AS unmeasured
      FROM scriptorium.attempts WHERE run = r.key GROUP BY place) AS sums
    WHERE items.run = r.key AND items.place = sums.place;
  UPDATE scriptorium.items SET blockers = (SELECT count(*) FROM scriptorium.dependants
      JOIN scriptorium.items AS earlier ON earlier.run = dependants.run AND earlier.place = dependants.place
      WHERE dependants.run = r.key AND dependants.dependant = items.place AND earlier.state <> 'done')
    WHERE run = r.key;
  UPDATE scriptorium.runs SET settled = (SELECT scriptorium.clamped(sum(known::numeric + estimated))
    FROM scriptorium.items WHERE run = r.key) WHERE key = r.key;
  PERFORM scriptorium.changed(r.id, NULL);
END $$;
`;
