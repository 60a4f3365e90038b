import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { statsArguments } from '../../../plugins/ledger/stats-arguments.js';
import { csvReport, jsonReport } from '../../../plugins/ledger/report/machine.js';
import { sparkline } from '../../../plugins/ledger/report/sparkline.js';
import { terminalReport } from '../../../plugins/ledger/report/terminal.js';
import { widthOf } from 'scriptorium/plugin';
import { aFolder, cleanUp, cli } from '../../e2e/run-cli.js';
import { aGeneration, anAttempt } from '../../stats/a-stat.js';
import { aLedgerFile, aPair, HOUR, NOON, reportOf, written } from './ledgers.js';

afterAll(cleanUp);

const LABEL = { by: [{ text: 'label:book', dimension: { kind: 'label', name: 'book' } }] } as const;
const DAY = { by: [{ text: 'day', dimension: { kind: 'day' } }] } as const;

/** Two books, three days. */
async function aLedger(): Promise<string> {
  const file = aLedgerFile();
  await written(file, [
    ...aPair('a', { startedAt: NOON - 48 * HOUR, labels: { book: 'ada' }, costUsd: 0.25, latencyMs: 1_000 }),
    ...aPair('b', { startedAt: NOON - 24 * HOUR, labels: { book: 'ada' }, costUsd: 0.5, latencyMs: 3_000 }),
    ...aPair('c', { startedAt: NOON, labels: { book: 'sea, "deep"' }, model: 'b-model', costUsd: 1, latencyMs: 2_000 }),
    anAttempt({
      generationId: 'd',
      startedAt: NOON,
      outcome: 'error',
      usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' },
    }),
    aGeneration({ generationId: 'd', startedAt: NOON, outcome: 'error', errorCode: 'connection' }),
  ]);
  return file;
}

describe('the table of scriptorium stats', () => {
  it('has a row for each model with its figures and its line over time, the dearest first, and the total', async () => {
    const lines = terminalReport(await reportOf(await aLedger()), 120).split('\n');
    const cells = lines.slice(2, 8).map((line) => line.trim().split(/ {2,}/));
    expect(cells[0]).toEqual([
      'model',
      'requests',
      'ok',
      'retries',
      'tokens',
      'cost',
      'p50',
      'p90',
      'p99',
      'first token',
      'spend',
    ]);
    expect(cells[2]).toEqual([
      'b-model',
      '1',
      '100%',
      '0',
      '12',
      '$1.0000',
      '2.0s',
      '2.0s',
      '2.0s',
      '1.0s',
      expect.stringMatching(/^█$/),
    ]);
    expect(cells[3]?.slice(0, 8)).toEqual(['a-model', '3', '66.6%', '0', '24', '>$0.7500', '1.0s', '3.0s']);
    expect(cells[5]?.slice(0, 6)).toEqual(['total', '4', '75.0%', '0', '36', '>$1.7500']);
  });

  it.each([40, 60, 80, 120, 300])(
    'is never wider than a terminal of %d columns, nor broken by wide characters',
    async (columns) => {
      const file = aLedgerFile();
      await written(file, [
        ...aPair('a', { model: '小説'.repeat(30) }),
        ...aPair('b', { model: `\u001b[31m${'m'.repeat(90)}` }),
      ]);
      const printed = terminalReport(await reportOf(file), columns);
      const table = printed.split('\n').slice(2, 8);
      expect(Math.max(...table.map(widthOf))).toBeLessThanOrEqual(columns);
      expect(printed).not.toContain('\u001b');
    },
  );

  it('shows each label with its value; who has two is counted under both, who has none under none', async () => {
    const file = aLedgerFile();
    await written(file, [
      ...aPair('a', { labels: { book: 'ada', chapter: '1' }, costUsd: 1 }),
      ...aPair('b', { labels: { book: 'ada' }, costUsd: 2 }),
      ...aPair('c', { labels: {} }),
    ]);
    const { groups, totals } = await reportOf(file, { by: [{ text: 'label', dimension: { kind: 'labels' } }] });
    expect(
      groups.map(({ names: [name], figures, stretches }) => [
        name,
        figures.requests,
        stretches.reduce((sum, { requests }) => sum + requests, 0),
      ]),
    ).toEqual([
      ['book=ada', 2, 2],
      ['chapter=1', 1, 1],
    ]);
    expect(totals.requests).toBe(3);
  });

  it('says so where there is nothing', async () => {
    const file = aLedgerFile();
    await written(file, []);
    expect(terminalReport(await reportOf(file), 80)).toBe(`${file}: nothing was generated from the beginning.\n`);
  });

  it('shows days in their order, and what is left since a time', async () => {
    const file = await aLedger();
    expect((await reportOf(file, DAY)).groups.map(({ names: [name] }) => name)).toEqual([
      '2026-11-22',
      '2026-11-23',
      '2026-11-24',
    ]);
    expect((await reportOf(file, { ...DAY, since: NOON - 24 * HOUR })).totals).toMatchObject({
      requests: 3,
      attempts: 3,
      successful: 2,
    });
  });

  it.each<[readonly number[], number, string]>([
    [[0, 1, 2, 8], 4, ' ▂▃█'],
    [[1, 1, 3, 3], 2, '▃█'],
    [[], 3, '   '],
    [[0, 0], 2, '  '],
  ])('draws %j in %d columns as "%s"', (values, columns, line) => {
    expect(sparkline(values, columns)).toBe(line);
  });
});

describe('what programs read of scriptorium stats', () => {
  it('is JSON with exact money, and null for what has no such label', async () => {
    const report = JSON.parse(jsonReport(await reportOf(await aLedger(), LABEL))) as {
      totals: unknown;
      groups: { name: string | null }[];
      timeline: { stretches: { requests: number }[] };
    };
    expect(report.totals).toMatchObject({
      requests: 4,
      successRate: 0.75,
      cost: { known: '1.75', estimated: '0', unmeasuredAttempts: 1 },
      latencyMs: { count: 3, p50: 2_000, p99: 3_000, max: 3_000 },
    });
    expect(report.groups.map(({ name }) => name)).toEqual(['sea, "deep"', 'ada', null]);
    expect(report.timeline.stretches.reduce((sum, { requests }) => sum + requests, 0)).toBe(4);
  });

  it('is CSV with a line for each group, quoted where it must be', async () => {
    const [heading, first, second] = csvReport(await reportOf(await aLedger(), LABEL)).split('\r\n');
    expect(heading).toMatch(
      /^label:book,requests,successful,failed,cancelled,attempts,retries,prompt_tokens,.*,cost_usd,/,
    );
    expect(first).toMatch(/^"sea, ""deep""",1,1,0,0,1,0,7,5,0,0,0,1,0,0,2000,/);
    expect(second).toMatch(/^ada,2,2,0,0,2,0,14,10,0,0,0,0\.75,0,0,1000,3000,/);
  });
});

describe('the arguments of scriptorium stats', () => {
  const read = (...args: string[]) => statsArguments(args, { file: 'ledger.db', now: NOON });

  it.each([
    [['--since', '90m'], NOON - 1.5 * HOUR],
    [['--since', '2d'], NOON - 48 * HOUR],
    [['--since', '2026-11-24'], NOON - 12 * HOUR],
    [['--since', '2026-11-24T12:00:00+01:00'], NOON - HOUR],
    [[], undefined],
  ])('%j begin at %s', (args, since) => {
    expect(read(...args).since).toBe(since);
  });

  it('take a label by its name, whatever it is', () => {
    expect(read('--by', 'label:a:b').by[0]?.dimension).toEqual({ kind: 'label', name: 'a:b' });
  });

  it('write a page of a name of its own where none is given', () => {
    expect(
      [read('--html'), read('--html', '--since', '7d'), read('--html', 'mine.html')].map(({ output }) => output),
    ).toEqual(
      ['scriptorium-stats.html', 'scriptorium-stats.html', 'mine.html'].map((file) => ({ kind: 'html', file })),
    );
  });

  it.each([
    [['--by', 'label:'], /--by is "label:"; it must be model, provider, day, label, or one label by its name/],
    [['--since', 'yesterday'], /--since is "yesterday"/],
    [['--json', '--csv'], /only one/],
    [['--nonsense'], /nonsense/],
    [['more'], /more/],
    [['--html', '--json'], /only one/],
    [['--budgets', '--csv'], /--budgets prints a table/],
  ])('are refused: %j', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});

describe('scriptorium stats', () => {
  const plugin = fileURLToPath(new URL('../../../dist/plugins/ledger/index.js', import.meta.url));
  const program = (file: string, ...args: string[]) =>
    cli(['stats', '--config', 'c.json', ...args], {
      folder: aFolder({ 'c.json': { load: [plugin], plugins: { ledger: { file } } } }),
    });

  it('is a command of a configuration that loads the plugin, and needs no key', async () => {
    const { code, stdout, stderr } = await program(await aLedger(), '--by', 'label:book');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ada +2 +100% /m);
    expect(Math.max(...stdout.split('\n').slice(2).map(widthOf))).toBeLessThanOrEqual(80);
  });

  it('groups by several labels together, in their order, and shows only what passes the filters', async () => {
    const file = aLedgerFile();
    await written(file, [
      ...aPair('a', { labels: { book: 'ada', chapter: '10' }, costUsd: 1 }),
      ...aPair('b', { labels: { book: 'ada', chapter: '2' }, costUsd: 2 }),
      ...aPair('c', { labels: { book: 'sea', chapter: '1' }, costUsd: 4, model: 'b-model' }),
    ]);
    const args = ['--by', 'label:book', '--by', 'label:chapter'];
    const { stdout } = await program(file, ...args, '--csv');
    expect(stdout.split('\r\n').map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'label:book,label:chapter,requests',
      'ada,2,1',
      'ada,10,1',
      'sea,1,1',
      '',
    ]);
    const json = JSON.parse((await program(file, ...args, '--where', 'book=ada', '--json')).stdout) as object;
    expect(json).toMatchObject({
      by: ['label:book', 'label:chapter'],
      where: ['book=ada'],
      totals: { requests: 2, attempts: 2, cost: { known: '3' } },
      groups: [{ names: ['ada', '2'] }, { names: ['ada', '10'] }],
    });
    expect((await program(file, ...args, '--where', 'model=b-model')).stdout).toMatch(
      /where model=b-model[^]*\nsea, 1 /,
    );
    expect((await program(file, '--where', 'book=none')).stdout).toContain('nothing was generated');
    expect((await program(file, '--by', 'label', '--by', 'day')).stderr).toContain('--by label stands alone');
    expect((await program(file, '--where', 'book')).stderr).toContain('--where is "book"');
  });

  it('writes the page', async () => {
    const file = await aLedger();
    const page = join(file, '..', 'report.html');
    const { code, stdout, stderr } = await program(file, '--html', page);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: `scriptorium: wrote ${page}\n` });
    expect(readFileSync(page, 'utf8')).toContain('<h2 id="table-1">By book</h2>');
  });

  it('shows the budgets that outlive the process with --budgets, also as JSON', async () => {
    const spending = { 'label/book/ada': { tokens: 700, usd: '0.25', holds: {} } };
    const stateFile = join(aFolder({ 'state.json': { spending } }), 'state.json');
    const folder = aFolder({
      'c.json': { load: [plugin], stateFile, budget: { labelUsd: 2, processTokens: 9 } },
    });
    const budgets = (...args: string[]) =>
      cli(['stats', '--config', 'c.json', '--budgets', ...args], { folder, env: { OPENROUTER_API_KEY: 'key' } });
    expect(await budgets()).toMatchObject({
      code: 0,
      stdout: [
        'process: 0 tokens spent, 0 tokens reserved, of 9 tokens',
        'book ada: $0.250000 spent, $0.000000 reserved, of $2.000000',
        'book ada: 700 tokens spent, 0 tokens reserved, no limit',
        '',
      ].join('\n'),
    });
    expect(JSON.parse((await budgets('--json')).stdout)).toMatchObject({
      budgets: [{ scope: 'process' }, { scope: 'label', label: 'book', labelValue: 'ada', spent: { usd: 0.25 } }],
    });
  });

  it('is named with its plugin where the configuration does not load it', async () => {
    const { code, stderr } = await cli(['stats', '--config', 'c.json'], { folder: aFolder({ 'c.json': {} }) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'scriptorium: "stats" is a command of a plugin that is not loaded: put "load": ["scriptorium/plugins/ledger"] into c.json.\n',
    });
  });

  it('says what is wrong with its arguments, or that there is no ledger, and makes none', async () => {
    const missing = aLedgerFile();
    const [wrong, absent] = [await program(missing, '--by', 'author'), await program(missing)];
    expect(wrong.stderr).toContain('--by is "author"');
    expect(absent.stderr).toContain('There is no ledger');
    expect([wrong.code === 0, absent.code === 0, existsSync(missing)]).toEqual([false, false, false]);
  });
});
