import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { ManualClock } from 'scriptorium/testing';
import type { AttemptReconciledStat, Stat } from 'scriptorium/plugin';
import { entryOf } from '../../../plugins/ledger/entry.js';
import { openStore } from '../../../plugins/ledger/open-store.js';
import { sectionsOf } from '../../../plugins/ledger/page/sections.js';
import type { Dimension, Filter } from '../../../plugins/ledger/report/dimension.js';
import { LedgerReader } from '../../../plugins/ledger/report/ledger-reader.js';
import { csvReport, jsonReport } from '../../../plugins/ledger/report/machine.js';
import { readReport } from '../../../plugins/ledger/report/report.js';
import type { LedgerStore } from '../../../plugins/ledger/store.js';
import { aGeneration, anAttempt } from '../../stats/a-stat.js';
import { runs } from '../../support/runs.js';
import { describeWith } from '../../support/services/needs.js';
import { startPostgres } from '../../support/services/postgres.js';
import type { PostgresServer } from '../../support/services/postgres.js';
import { aLedgerFile, HOUR, NOON } from './ledgers.js';

const DAY = 24 * HOUR;
const GROUPINGS: readonly (readonly Dimension[])[] = [
  [{ kind: 'model' }],
  [{ kind: 'provider' }],
  [{ kind: 'day' }],
  [{ kind: 'labels' }],
  [{ kind: 'label', name: 'book' }],
  [{ kind: 'label', name: 'book' }, { kind: 'model' }],
];
const FILTERS: readonly (readonly Filter[])[] = [
  [],
  [
    { kind: 'label', name: 'book', value: 'ada' },
    { kind: 'provider', value: 'p' },
  ],
];

/** A kind of ledger, and how to get an empty one. */
interface Kind {
  readonly name: string;
  readonly empty: (keepDays?: number) => Promise<LedgerStore>;
}

const options = (keepDays = 0) => ({ keepDays, clock: new ManualClock(NOON) });
const SQLITE: Kind = { name: 'SQLite', empty: (keepDays) => openStore(aLedgerFile(), options(keepDays)) };

/** All that is shown of a ledger. */
async function shownOf(store: LedgerStore): Promise<readonly unknown[]> {
  return store.read(async (tables) => {
    const shown: unknown[] = [];
    for (const filters of FILTERS) {
      const reader = new LedgerReader(tables, filters);
      for (const dimensions of GROUPINGS) {
        const by = dimensions.map((dimension) => ({ text: dimension.kind, dimension }));
        const query = { file: 'ledger', by, since: undefined, until: NOON };
        const report = await readReport(reader, { ...query, mostStretches: 24 });
        const { length } = await sectionsOf(reader, report, by);
        shown.push(JSON.parse(jsonReport(report)), csvReport(report), length);
      }
    }
    return shown;
  });
}

const write = async (store: LedgerStore, stats: readonly Stat[]): Promise<void> =>
  store.write(stats.map((stat) => entryOf(stat, NOON)));

function reconciled(generationId: string): AttemptReconciledStat {
  const attempt = anAttempt({ generationId });
  return {
    ...attempt,
    type: 'attempt-reconciled',
    responseId: 'r',
    usage: { inputTokens: 70, outputTokens: 50, costUsd: 0.3, source: 'reported' },
    replaces: attempt.usage,
  } as unknown as AttemptReconciledStat;
}

function describeStore({ name, empty }: Kind): void {
  describe(`a ledger in ${name}`, () => {
    const book = { labels: { book: 'ada' }, startedAt: NOON };

    it('counts what comes twice once', async () => {
      const store = await empty();
      const stats = [anAttempt(book), aGeneration(book)];
      await write(store, stats);
      const once = await shownOf(store);
      await write(store, stats);
      expect(await shownOf(store)).toEqual(once);
      expect(once[0]).toMatchObject({ totals: { requests: 1, attempts: 1, cost: { known: '0.1' } } });
      await store.close();
    });

    it('takes the figures of a vendor in place of what an attempt had said, also in the same batch', async () => {
      const store = await empty();
      await write(store, [anAttempt({ ...book, generationId: 'g' }), reconciled('g')]);
      expect((await shownOf(store))[0]).toMatchObject({
        totals: { tokens: { prompt: 70, completion: 50 }, cost: { known: '0.3' } },
      });
      await store.close();
    });

    it('keeps any text, and takes out what is old', async () => {
      const store = await empty(10);
      const strange = { generationId: 'a\ud83db\0', labels: { "'; DROP TABLE labels; --": '?$1' } };
      await write(store, [
        anAttempt({ ...strange, startedAt: NOON }),
        aGeneration({ ...strange, startedAt: NOON }),
        anAttempt({ generationId: 'old', startedAt: NOON - 11 * DAY }),
        aGeneration({ generationId: 'old', startedAt: NOON - 11 * DAY }),
      ]);
      expect((await shownOf(store))[0]).toMatchObject({ totals: { requests: 1, attempts: 1 } });
      const names = await store.read((tables) => new LedgerReader(tables).labelNames(0));
      expect(names).toEqual(["'; DROP TABLE labels; --"]);
      await store.close();
    });
  });
}

/** Some stats of one ledger. */
function someStats(): fc.Arbitrary<readonly Stat[]> {
  const usd = fc.oneof(fc.constant(undefined), fc.double({ min: 0, max: 9_000, noNaN: true }));
  const one = fc.record({
    generationId: fc.integer({ min: 1, max: 12 }).map((id) => `run/${id}`),
    attempt: fc.integer({ min: 1, max: 3 }),
    startedAt: fc.integer({ min: NOON - 40 * DAY, max: NOON }),
    model: fc.constantFrom('a', 'B', 'ü'),
    provider: fc.constantFrom('one', 'two'),
    outcome: fc.constantFrom('success' as const, 'error' as const, 'cancelled' as const),
    latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    timeToFirstTokenMs: fc.double({ min: 0, max: 1e4, noNaN: true }),
    sent: fc.boolean(),
    labels: fc.dictionary(fc.constantFrom('book', 'chapter'), fc.constantFrom('ada', '1', '')),
    inputTokens: fc.nat(1e9),
    costUsd: usd,
    estimatedCostUsd: usd,
    source: fc.constantFrom('reported' as const, 'estimated' as const, 'unmeasured' as const),
    isAttempt: fc.boolean(),
  });
  return fc.array(one, { minLength: 1, maxLength: 20 }).map((all) =>
    all.map(({ isAttempt, inputTokens, costUsd, estimatedCostUsd, source, ...rest }) =>
      isAttempt
        ? anAttempt({
            ...rest,
            usage: {
              ...{ inputTokens, outputTokens: 3, source },
              ...(costUsd !== undefined && { costUsd }),
              ...(estimatedCostUsd !== undefined && { estimatedCostUsd }),
            },
          })
        : aGeneration(rest),
    ),
  );
}

describeStore(SQLITE);

describeWith(['postgresql'], 'ledgers on PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startPostgres(['-c fsync=off']);
    url = server.createDatabase('books');
    client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    server.remove();
  });
  beforeEach(() => client.query('DROP SCHEMA IF EXISTS scriptorium_ledger CASCADE'));

  const POSTGRES: Kind = {
    name: 'PostgreSQL',
    empty: async (keepDays) => {
      const store = await openStore(url, options(keepDays));
      await store.migrate?.();
      return store;
    },
  };
  describeStore(POSTGRES);

  it('show what ledgers in SQLite show, whatever was written', async () => {
    const tables = 'generations, attempts, labels, reconciliations';
    const postgres = await POSTGRES.empty();
    await fc.assert(
      fc.asyncProperty(someStats(), async (stats) => {
        await client.query(`TRUNCATE ${tables.replaceAll(/(\w+)/g, 'scriptorium_ledger.$1')}`);
        const sqlite = await SQLITE.empty();
        await write(sqlite, stats);
        await write(postgres, stats);
        expect(await shownOf(postgres)).toEqual(await shownOf(sqlite));
        await sqlite.close();
      }),
      { numRuns: runs(0.5) },
    );
    await postgres.close();
  });

  it('are prepared by a command, never silently', async () => {
    const store = await openStore(url, options());
    const reason = `The ledger ${store.name} has no tables yet. Prepare it with: scriptorium stats --migrate`;
    await expect(store.check()).rejects.toThrow(reason);
    await expect(store.read(() => Promise.resolve())).rejects.toThrow(reason);
    expect([await store.migrate?.(), await store.migrate?.()]).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 1 },
    ]);
    await store.check();
    await store.close();
  });

  it('are refused if a newer program has written them', async () => {
    const store = await POSTGRES.empty();
    await client.query('UPDATE scriptorium_ledger.journal SET version = 3, oldest = 2');
    await expect(store.check()).rejects.toThrow('has version 3, and this program knows up to 1');
    await store.close();
  });

  it('are named without user and password, and say what is wrong when the server is away', async () => {
    const store = await openStore('postgres://books:secret@127.0.0.1:1/books', options());
    expect(store.name).toBe('postgres://127.0.0.1:1/books');
    await expect(store.check()).rejects.toThrow(/^The ledger postgres:\/\/127\.0\.0\.1:1\/books is not available: /);
    await store.close();
  });
});
