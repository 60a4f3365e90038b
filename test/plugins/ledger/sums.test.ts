import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pipeline, UsageSnapshot } from 'scriptorium';
import { ledger } from 'scriptorium/plugins/ledger';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { jsonReport } from '../../../plugins/ledger/report/machine.js';
import type { Dimension } from '../../../plugins/ledger/report/dimension.js';
import { pipelineTo } from '../../support/pipelines.js';
import { aLedgerFile, reading, reportOf } from './ledgers.js';

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ words: 60 });
});
afterEach(() => emulator.close());

type Sums = Pick<
  UsageSnapshot,
  'requests' | 'successful' | 'failed' | 'cancelled' | 'attempts' | 'retries' | 'attemptsBySource' | 'tokens' | 'cost'
>;
type Plain = Omit<Sums, 'cost'> & {
  readonly name: string;
  readonly cost: { readonly known: string; readonly estimated: string; readonly unmeasuredAttempts: number };
};

function sumsOf({
  requests,
  successful,
  failed,
  cancelled,
  attempts,
  retries,
  attemptsBySource,
  tokens,
  cost,
}: Sums): Sums {
  return { requests, successful, failed, cancelled, attempts, retries, attemptsBySource, tokens, cost };
}

/** The ledger's decimal text as numbers. */
function numbersOf(plain: Plain): Sums {
  const { known, estimated, unmeasuredAttempts } = plain.cost;
  return sumsOf({ ...plain, cost: { known: Number(known), estimated: Number(estimated), unmeasuredAttempts } });
}

async function sumsIn(
  file: string,
  by: Dimension,
): Promise<{ readonly totals: Sums; readonly groups: Readonly<Record<string, Sums>> }> {
  const { totals, groups } = JSON.parse(
    jsonReport(await reportOf(file, { by: [{ text: by.kind, dimension: by }] })),
  ) as {
    totals: Plain;
    groups: Plain[];
  };
  return {
    totals: numbersOf(totals),
    groups: Object.fromEntries(groups.map((group) => [group.name, numbersOf(group)])),
  };
}

const each = (groups: Readonly<Record<string, Sums>>): Record<string, Sums> =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, sumsOf(group)]));

/** Sixteen generations, two models, three chapters: refused, broken off, empty, failed for good, cancelled in the middle. */
async function aFaultyRun(pipeline: Pipeline): Promise<void> {
  const faults = [
    undefined,
    { status: 503 },
    { truncate: { afterDeltas: 5 } },
    { status: 429 },
    { reset: { afterDeltas: 3 } },
    { status: 400 },
  ] as const;
  for (let call = 0; call < 15; call += 1) {
    emulator.script(faults[call % faults.length]);
    const model = call % 2 === 0 ? 'scriptorium/exact' : 'scriptorium/starts-over';
    await pipeline
      .generate({ prompt: `Chapter ${call}.`, model, labels: { book: 'ada', chapter: String(call % 3) } })
      .catch(() => undefined);
  }
  await new Promise<void>((resolve) => {
    const subscription = pipeline
      .stream({ prompt: 'Cancelled.', labels: { book: 'ada', chapter: '0' } })
      .subscribe((event) => {
        if (event.type !== 'text-delta') return;
        subscription.unsubscribe();
        resolve();
      });
  });
}

describe('the sums of the ledger', () => {
  it('are those of pipeline.stats() to the unit, in all, by model and by label, after a run with faults', async () => {
    const file = aLedgerFile();
    const pipeline = await pipelineTo(
      emulator.url,
      { defaults: { model: 'scriptorium/exact' } },
      { plugins: [ledger({ file })] },
    );
    await aFaultyRun(pipeline);
    const stats = pipeline.stats();
    await pipeline.dispose();
    expect(stats).toMatchObject({ requests: 16, cancelled: 1 });
    expect(
      Math.min(
        stats.failed,
        stats.retries,
        stats.tokens.total,
        stats.cost.known,
        stats.cost.unmeasuredAttempts,
        stats.attemptsBySource.estimated,
      ),
    ).toBeGreaterThan(0);
    const [models, chapters] = [
      await sumsIn(file, { kind: 'model' }),
      await sumsIn(file, { kind: 'label', name: 'chapter' }),
    ];
    expect(models.totals).toEqual(sumsOf(stats));
    expect(models.groups).toEqual(each(stats.byModel));
    expect(chapters.groups).toEqual(each(stats.byLabel['chapter'] ?? {}));
  });

  it('take what the vendor says afterwards in the place of the estimate, as pipeline.stats() does', async () => {
    const file = aLedgerFile();
    const pipeline = await pipelineTo(
      emulator.url,
      { defaults: { model: 'scriptorium/exact' }, continuity: { reconcile: true } },
      { plugins: [ledger({ file })] },
    );
    emulator.script({ truncate: { afterDeltas: 5 } });
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    const stats = pipeline.stats();
    expect(stats.attemptsBySource).toMatchObject({ reported: 2, estimated: 0 });
    expect((await sumsIn(file, { kind: 'model' })).totals).toEqual(sumsOf(stats));
    expect(
      await reading(file, (_, database) =>
        database.prepare('SELECT attempt, replaced_source FROM reconciliations').all(),
      ),
    ).toEqual([{ attempt: 1, replaced_source: 'estimated' }]);
  });

  it('go on in the same file in the next run', async () => {
    const file = aLedgerFile('deep/ledger.db');
    for (let run = 0; run < 2; run += 1) {
      const pipeline = await pipelineTo(emulator.url, {}, { plugins: [ledger({ file })] });
      await pipeline.generate({ prompt: 'Begin.', model: 'scriptorium/exact' });
      await pipeline.dispose();
    }
    expect((await sumsIn(file, { kind: 'model' })).totals).toMatchObject({ requests: 2, successful: 2, attempts: 2 });
  });
});
