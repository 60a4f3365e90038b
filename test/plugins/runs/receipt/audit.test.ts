import { describe, expect, it } from '@jest/globals';
import { audit } from 'scriptorium/plugins/runs';
import type { Finding, ItemRecord, Journal, RunStatus } from 'scriptorium/plugins/runs';
import { sha256Of } from '../../../../plugins/runs/receipt/digest.js';
import { aDoneItem, aRun, frozenJournal, statusOf } from './frozen-journal.js';

const found = (run: RunStatus, records: readonly ItemRecord[]): Promise<readonly Finding[]> =>
  audit(frozenJournal({ run, records }), { run: 'ada' });

/** Changes one item of a run that is otherwise right. */
async function withItem(
  index: number,
  change: (record: ItemRecord) => Partial<ItemRecord>,
): Promise<readonly Finding[]> {
  const { run, records } = aRun();
  return found(
    run,
    records.map((record, at) => (at === index ? { ...record, ...change(record) } : record)),
  );
}

describe('an audit', () => {
  it('finds nothing where all is right', async () => {
    const { run, records } = aRun();
    expect(await found(run, records)).toEqual([]);
  });

  it('names the run, the item, the field and both values', async () => {
    const findings = await withItem(1, () => ({ text: 'Charles built the engine!' }));
    expect(findings).toContainEqual({
      run: 'run-1',
      item: 'chapter-2',
      field: 'sha256',
      found: sha256Of('Charles built the engine.'),
      expected: sha256Of('Charles built the engine!'),
      by: 'its text',
    });
  });

  const changes: readonly (readonly [string, string, (record: ItemRecord) => Partial<ItemRecord>])[] = [
    ['a word that was added', 'words', ({ text }) => ({ text: `${text} more` })],
    ['a wrong number of bytes', 'bytes', ({ bytes }) => ({ bytes: bytes + 1 })],
    ['a gap between spans', 'spans[1].from', ({ spans }) => ({ spans: spans.map(moved(1, 'from', 1)) })],
    ['spans that overlap', 'spans[1].from', ({ spans }) => ({ spans: spans.map(moved(0, 'to', 1)) })],
    ['spans that end too early', 'spans', ({ spans }) => ({ spans: spans.slice(0, -1) })],
    ['a span of nothing', 'spans[0].to', ({ spans }) => ({ spans: spans.map(moved(0, 'to', -4)) })],
    ['a span by another attempt', 'digests.spans', ({ spans }) => ({ spans: spans.map(moved(1, 'attempt', 1)) })],
    [
      'a span by an attempt that is not there',
      'spans[1].attempt',
      ({ spans }) => ({ spans: spans.map(moved(1, 'attempt', 9)) }),
    ],
    [
      'a span by another model',
      'spans[0].model',
      ({ spans }) => ({ spans: spans.map((span) => ({ ...span, model: 'b' })) }),
    ],
    ['an attempt that was taken out', 'attempts', ({ records }) => ({ records: records.slice(1) })],
    [
      'an attempt that is there twice',
      'records[3]',
      ({ records }) => ({ records: [...records, ...records.slice(0, 1)] }),
    ],
    [
      'an attempt that still runs',
      'records[0].outcome',
      ({ records }) => ({ records: records.map((each) => ({ ...each, outcome: 'running' })) }),
    ],
    ['tokens', 'outputTokens', ({ outputTokens }) => ({ outputTokens: outputTokens + 1 })],
    ['a price', 'cost.known', ({ cost }) => ({ cost: { ...cost, known: cost.known + 1e-6 } })],
    [
      'the number of attempts of unknown cost',
      'cost.unmeasuredAttempts',
      ({ cost }) => ({ cost: { ...cost, unmeasuredAttempts: 1 } }),
    ],
    [
      'a model, while all sums agree',
      'digests.attempts',
      ({ records, spans }) => ({
        records: records.map((each) => ({ ...each, model: 'b' })),
        spans: spans.map((each) => ({ ...each, model: 'b' })),
      }),
    ],
    [
      'a finish reason',
      'digests.result',
      ({ result }) =>
        result === undefined ? {} : { result: { ...result, finishReason: { unified: 'length', raw: 'length' } } },
    ],
    ['a prompt', 'digest', () => ({ input: { prompt: 'Write something else.' } })],
    ['a dependency', 'digest', () => ({ after: ['chapter-2'] })],
  ];

  it.each(changes)('finds %s', async (_, field, change) => {
    expect((await withItem(0, change)).map((finding) => finding.field)).toContain(field);
  });

  it('finds a span that begins inside a character', async () => {
    const { spans } = aDoneItem(0, ['—', '—']);
    const record = { ...aDoneItem(0, ['—', '—']), spans: spans.map(moved(0, 'to', -1)).map(moved(1, 'from', -1)) };
    expect(await found(statusOf([record]), [record])).toContainEqual({
      run: 'run-1',
      item: 'chapter-1',
      field: 'spans[1].from',
      found: 2,
      by: 'the text, which has no character that begins there',
    });
  });

  it('finds items that have changed places', async () => {
    const { run, records } = aRun();
    const [first, second, ...rest] = records;
    const swapped = [second, first, ...rest].flatMap((record, index) =>
      record === undefined ? [] : { ...record, index },
    );
    expect((await found(run, swapped)).map(({ field, item }) => ({ field, item }))).toEqual([{ field: 'digest' }]);
    const places = [second, first, ...rest].flatMap((record) => record ?? []);
    expect((await found(run, places)).map(({ field, item }) => ({ field, item }))).toEqual([
      { field: 'index', item: 'chapter-2' },
      { field: 'index', item: 'chapter-1' },
      { field: 'digest' },
    ]);
  });

  it('finds items that are missing', async () => {
    const { run, records } = aRun();
    const fields = (await found(run, records.slice(0, -1))).map(({ field }) => field);
    expect(fields).toEqual(['items.cancelled', 'digest']);
  });

  it.each([
    ['done', { result: undefined }, ['result', 'digests.result']],
    ['done', { sha256: undefined }, ['sha256', 'sha256']],
    ['ready', {}, ['result', 'sha256', 'digests.result', 'words', 'items.ready', 'items.done', 'state']],
  ] as const)('finds what does not fit the state %s', async (state, { ...parts }, fields) => {
    const record = aDoneItem(0, ['Ada.']);
    const changed = { ...record, state, ...parts } as ItemRecord;
    expect((await found(statusOf([record]), [changed])).map(({ field }) => field)).toEqual(fields);
  });

  it('finds a failed item without an error, and dependants that were not cancelled', async () => {
    expect((await withItem(2, () => ({ error: undefined }) as never)).map(({ field }) => field)).toContain('error');
    expect(await withItem(3, () => ({ state: 'waiting' }))).toContainEqual({
      run: 'run-1',
      item: 'chapter-4',
      field: 'state',
      found: 'waiting',
      expected: 'cancelled',
      by: 'the items that must be done before it',
    });
  });

  it('finds an item that was written before those it comes after', async () => {
    const records = [aDoneItem(0, ['Ada.'], ['chapter-2']), { ...aDoneItem(1, ['Bob.']), state: 'parked' as const }];
    expect(await found(statusOf(records), records)).toContainEqual({
      run: 'run-1',
      item: 'chapter-1',
      field: 'state',
      found: 'done',
      expected: 'waiting',
      by: 'the items that must be done before it',
    });
  });

  it.each([
    [{ words: 0 }, 'words'],
    [{ inputTokens: 0 }, 'inputTokens'],
    [{ cost: { known: 0.5, estimated: 0, unmeasuredAttempts: 0 } }, 'cost.known'],
    [{ heldUsd: 0.01 }, 'heldUsd'],
    [{ state: 'done' as const }, 'state'],
    [{ endedAt: undefined } as never, 'endedAt'],
    [{ digest: sha256Of('') }, 'digest'],
  ] as const)('finds what is wrong in a run: %j', async (change: Partial<RunStatus>, field: string) => {
    const { run, records } = aRun();
    expect((await found({ ...run, ...change }, records)).map((finding) => finding.field)).toContain(field);
  });

  it('says by how much a budget was exceeded, and why', async () => {
    const { run, records } = aRun();
    const limits = { ...run.limits, budgetUsd: 0.001 };
    expect(await found({ ...run, limits }, records)).toEqual([
      {
        run: 'run-1',
        field: 'cost',
        found: run.cost.known + run.cost.estimated,
        expected: 0.001,
        by: `its budget, at most; $${run.cost.estimated} of it is estimated`,
      },
    ]);
  });

  it('reads a run again that was written meanwhile, and gives up if that does not end', async () => {
    const { run, records } = aRun();
    const changing = (times: number): Journal => {
      let reads = 0;
      return {
        ...frozenJournal({ run, records }),
        status: () => Promise.resolve((reads += 1) > times ? run : { ...run, words: reads }),
      };
    };
    expect(await audit(changing(3), { run: 'ada' })).toEqual([]);
    await expect(audit(changing(100), { run: 'ada' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('names an item that is not of the right form, and checks the others', async () => {
    const findings = await withItem(0, ({ records }) => ({
      records: records.map(({ usage: _usage, ...attempt }) => attempt) as never,
    }));
    expect(findings).toContainEqual({
      run: 'run-1',
      item: 'chapter-1',
      field: 'record',
      found: expect.stringContaining('undefined') as unknown,
      by: 'the format of items',
    });
  });

  it('names an item that cannot be read, and reads the others', async () => {
    const records = Array.from({ length: 70 }, (_, index) => aDoneItem(index, [`Chapter ${index}.`]));
    const journal = frozenJournal({ run: statusOf(records), records });
    const isIn = (after: number, limit: number): boolean => after < 7 && 7 <= after + limit;
    const read: Journal['records'] = (run, { after = -1, limit = 50 } = {}) =>
      isIn(after, limit) ? Promise.reject(new Error('bad JSON')) : journal.records(run, { after, limit });
    const findings = await audit({ ...journal, records: read }, { run: 'ada' });
    expect(findings[0]).toEqual({ run: 'run-1', field: 'items[7]', found: 'bad JSON', by: 'the format of items' });
    expect(findings.find(({ field }) => field === 'items.done')).toMatchObject({ found: 70, expected: 69 });
  });

  it('reads long runs in pages', async () => {
    const records = Array.from({ length: 120 }, (_, index) => aDoneItem(index, [`Chapter ${index}.`]));
    expect(await found(statusOf(records), records)).toEqual([]);
    const short = records.filter((_, index) => index !== 117);
    expect((await found(statusOf(records), short)).map(({ field }) => field)).toContain('items.done');
  });
});

type Counted = 'from' | 'to' | 'attempt';

/** Adds to a number of the span at this place. */
function moved(place: number, field: Counted, by: number) {
  return <T extends Readonly<Record<Counted, number>>>(span: T, index: number): T =>
    index === place ? { ...span, [field]: span[field] + by } : span;
}
