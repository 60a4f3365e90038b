import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { audit } from 'scriptorium/plugins/runs';
import type { Finding } from 'scriptorium/plugins/runs';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import { anEndedBatch } from './a-batch.js';
import type { EndedBatch } from './a-batch.js';

let batch: EndedBatch;
beforeAll(async () => {
  batch = await anEndedBatch();
});
afterAll(() => batch.close());

/** Audits with everything there is. */
const found = ({ files = [batch.output, batch.receipts] } = {}): Promise<readonly Finding[]> =>
  audit(batch.journal, { run: 'ada', files, ledger: batch.ledger });

/** Changes a file, audits, and changes it back. */
async function withFile(file: string, change: (text: string) => string): Promise<readonly Finding[]> {
  const before = readFileSync(file, 'utf8');
  const changed = change(before);
  expect(changed).not.toBe(before);
  writeFileSync(file, changed);
  try {
    return await found();
  } finally {
    writeFileSync(file, before);
  }
}

/** Changes the ledger by one statement, audits, and changes it back by another. */
async function withLedger(change: string, back: string): Promise<readonly Finding[]> {
  const database = new (await loadLibsql())(batch.ledger);
  try {
    database.exec(change);
    return await found();
  } finally {
    database.exec(back);
    database.close();
  }
}

type Line = { custom_id: string; response: { body: { choices: { message: { content: string } }[] } } };

const inLine = (number: number, change: (line: Line) => void) => (text: string) =>
  text
    .split('\n')
    .map((line, index) => {
      if (index + 1 !== number) return line;
      const json = JSON.parse(line) as Line;
      change(json);
      return JSON.stringify(json);
    })
    .join('\n');

describe('an audit of a run with its files and its ledger', () => {
  it('finds nothing where all is right, over retries, continuations and a failure', async () => {
    const records = await batch.journal.records('ada');
    expect(records.map(({ state, attempts }) => ({ state, attempts }))).toEqual([
      { state: 'done', attempts: 3 },
      { state: 'done', attempts: 2 },
      { state: 'done', attempts: 1 },
      { state: 'failed', attempts: 1 },
    ]);
    expect(records[0]?.spans).toHaveLength(2);
    expect(await found()).toEqual([]);
  });

  it('finds one letter of an output, with its surroundings', async () => {
    const findings = await withFile(
      batch.output,
      inLine(2, ({ response: { body } }) => {
        const [choice] = body.choices;
        if (choice !== undefined) choice.message.content = choice.message.content.replace('e', 'é');
      }),
    );
    expect(findings).toEqual([
      {
        run: batch.run.id,
        item: 'two',
        file: batch.output,
        field: 'response.body.choices[0].message.content',
        found: expect.stringContaining('é') as unknown,
        expected: expect.not.stringContaining('é') as unknown,
        by: 'the journal',
      },
    ]);
  });

  it('finds a price of an output', async () => {
    const findings = await withFile(batch.output, (text) => text.replace(/"prompt_tokens":\d+/, '"prompt_tokens":1'));
    expect(findings).toMatchObject([{ item: 'one', field: 'response.body.usage.prompt_tokens', found: 1 }]);
  });

  it('finds lines in another order, missing, doubled, of other items, and without an item', async () => {
    const lines = readFileSync(batch.output, 'utf8').trimEnd().split('\n');
    const [one = '', two = '', three = '', four = ''] = lines;
    const of = async (...changed: string[]): Promise<readonly Pick<Finding, 'item' | 'field'>[]> =>
      (await withFile(batch.output, () => `${changed.join('\n')}\n`)).map(({ item, field }) => ({
        ...(item !== undefined && { item }),
        field,
      }));
    expect({
      order: await of(two, one, three, four),
      missing: await of(one, three, four),
      doubled: await of(one, two, three, four, two),
      strange: await of(one, two, three, four, one.replace('"one"', '"five"')),
      empty: await of(one, two, three, four, '{}'),
    }).toEqual({
      order: [
        { item: 'one', field: 'order' },
        { item: 'two', field: 'order' },
      ],
      missing: [{ item: 'two', field: 'line' }],
      doubled: [{ field: 'line 5' }],
      strange: [{ item: 'five', field: 'line 5' }],
      empty: [{ field: 'line 5' }],
    });
  });

  it('finds what differs in a receipt, and receipts of other items', async () => {
    const price = await withFile(batch.receipts, (text) => text.replace('"inputTokens":', '"inputTokens":9'));
    expect(price).toMatchObject([{ item: 'one', file: batch.receipts, field: 'attempts[0].usage.inputTokens' }]);
    const hash = await withFile(batch.receipts, (text) => text.replace(/"sha256":"./, '"sha256":"x'));
    expect(hash).toMatchObject([{ item: 'one', field: 'sha256' }]);
    const other = await withFile(batch.receipts, (text) => text.replace('"item":"three"', '"item":"five"'));
    expect(other).toMatchObject([{ field: 'item', found: 'five' }]);
  });

  it('finds attempts that the ledger lacks, has too many of, or has with other figures', async () => {
    const id = `${batch.run.id}/two/1`;
    const at = `WHERE generation_id = '${id}' AND attempt = 2`;
    expect(
      await withLedger(
        `UPDATE attempts SET output_tokens = output_tokens + 1 ${at}`,
        `UPDATE attempts SET output_tokens = output_tokens - 1 ${at}`,
      ),
    ).toMatchObject([{ item: 'two', file: batch.ledger, field: `attempt ${id}#2: outputTokens` }]);
    expect(
      await withLedger(
        `UPDATE attempts SET cost_pico = cost_pico + 1 ${at}`,
        `UPDATE attempts SET cost_pico = cost_pico - 1 ${at}`,
      ),
    ).toMatchObject([{ item: 'two', field: `attempt ${id}#2: cost` }]);
    expect(
      await withLedger(
        `UPDATE attempts SET attempt = 7 ${at}`,
        `UPDATE attempts SET attempt = 2 WHERE generation_id = '${id}' AND attempt = 7`,
      ),
    ).toMatchObject([
      { item: 'two', field: 'attempt', expected: `${id}#2` },
      { field: 'attempt', found: `${id}#7` },
    ]);
  });

  it('takes the figures of the end of an attempt where the vendor has named others since', async () => {
    const id = `${batch.run.id}/two/1`;
    const put = `INSERT INTO reconciliations SELECT generation_id, attempt, 1, 'r', source, input_tokens, output_tokens + 5,
      0, 0, 0, cost_pico, NULL, source, input_tokens, output_tokens, cost_pico, estimated_cost_pico
      FROM attempts WHERE generation_id = '${id}' AND attempt = 2;
      UPDATE attempts SET output_tokens = output_tokens + 5 WHERE generation_id = '${id}' AND attempt = 2`;
    const back = `DELETE FROM reconciliations; UPDATE attempts SET output_tokens = output_tokens - 5 WHERE generation_id = '${id}' AND attempt = 2`;
    expect(await withLedger(put, back)).toEqual([]);
  });

  it.each([
    ['an output that is not there', { files: ['/nowhere/out.jsonl'] }],
    ['a receipt that is not there', { files: ['/nowhere/a.receipt.json'] }],
  ])('refuses %s', async (_, files) => {
    await expect(found(files)).rejects.toMatchObject({ code: 'invalid-spec' });
  });

  it('refuses a ledger that is not one', async () => {
    await expect(audit(batch.journal, { run: 'ada', ledger: batch.output })).rejects.toMatchObject({
      code: 'invalid-spec',
      message: expect.stringContaining(batch.output) as unknown,
    });
  });
});
