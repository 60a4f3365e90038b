import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aRun } from '../batch-file/a-run.js';
import { commandScene } from './command-scene.js';

type Json = Readonly<Record<string, unknown>>;

const PAGE = readFileSync(new URL('../../../../docs/batches.md', import.meta.url), 'utf8');

/** The fields of an object, by the first column of its table in the docs; those with `?` may be missing. */
function documented(table: string): ReadonlyMap<string, { readonly isOptional: boolean }> {
  const rows = new RegExp(`<!-- fields: ${table} -->\n([^]*?)<!-- /fields -->`).exec(PAGE)?.[1] ?? '';
  const names = rows.split('\n').flatMap((row) => (row.split('|')[1] ?? '').match(/`[^`]+`/g) ?? []);
  return new Map(names.map((name) => [name.replaceAll(/[`?]/g, ''), { isOptional: name.includes('?') }] as const));
}

/** Objects with fields that the docs name one by one. */
const OPENED = ['limits', 'items', 'cost', 'worker', 'digests'];

function fieldsOf(json: Json): readonly string[] {
  return Object.entries(json).flatMap(([name, value]) =>
    OPENED.includes(name) ? Object.keys(value as Json).map((inner) => `${name}.${inner}`) : [name],
  );
}

/** Compares objects with their table: no other field, no missing one, and each field in one of them at least. */
function compared(table: string, objects: readonly Json[]) {
  const known = documented(table);
  const found = objects.map(fieldsOf);
  const all = new Set(found.flat());
  return {
    objects: objects.length,
    undocumented: [...all].filter((name) => !known.has(name)),
    missing: [...known].filter(([name, { isOptional }]) => !isOptional && !found.every((each) => each.includes(name))),
    neverSeen: [...known.keys()].filter((name) => !all.has(name)),
  };
}

const asDocumented = (objects: number) => ({ objects, undocumented: [], missing: [], neverSeen: [] });

const lines = (text: string): readonly Json[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);

/** Runs in all states, with items in all states. */
async function allStates() {
  const scene = commandScene();
  const [journal, { clock }] = [await scene.journal(), scene];
  const limits = { concurrency: 100, budgetUsd: 0, tries: 5, restarts: 2 };
  const items = ['done', 'failed', 'leased', 'parked', 'cancelled', 'ready', 'waiting'].map((id) => ({
    ...{ id, input: { prompt: 'Write.' }, isPriced: true, data: { line: 1 } },
    ...(id === 'waiting' && { after: ['leased'] }),
  }));
  const data = { output: join(scene.folder, 'out.jsonl'), order: 'input' };
  await journal.createRun({ name: 'mixed', items, hash: 'h', labels: { book: 'ada' }, limits, data });
  const run = await aRun(['other'], 'parked', { journal, clock });
  const claim = async (name: string) => {
    const claimed = await journal.claim({
      run: name,
      worker: { id: 'w', machine: 'm', pid: 1, startedAt: '1' },
      leaseMs: 60_000,
    });
    if (claimed.type !== 'item') throw new Error('There is nothing to claim.');
    return claimed.item.lease;
  };
  await run.done(await claim('mixed'), 'The text.');
  await run.failed(await claim('mixed'), 'Half');
  await claim('mixed');
  await journal.park(await claim('mixed'), { reason: 'quota', forMs: 1_000 });
  await journal.cancel('mixed', 'cancelled');
  await journal.park(await claim('parked'), { reason: 'quota', forMs: 1_000 });
  const over = await aRun(['one'], 'over', { journal, clock });
  await over.done((await over.claim()).lease, 'The text.');
  return scene;
}

describe('the output for programs is as the docs say', () => {
  it('batch list --json and batch status --json: a line for each run', async () => {
    const scene = await allStates();
    const { stdout } = await scene.batch(['list', '--json']);
    expect(compared('run', lines(stdout))).toEqual(asDocumented(3));
    expect((await scene.batch(['status', '--json'])).stdout).toBe(stdout);
  });

  it('batch status RUN --json: one object with all items', async () => {
    const scene = await allStates();
    const [object, ...others] = lines((await scene.batch(['status', 'mixed', '--json'])).stdout);
    const { itemStatus, ...run } = object as { readonly itemStatus: readonly Json[] };
    expect(others).toEqual([]);
    expect(compared('run', [run])).toMatchObject({ undocumented: [], missing: [] });
    expect(compared('item', itemStatus)).toEqual(asDocumented(7));
    expect(itemStatus.map(({ item, state }) => [item, state])).toEqual(
      ['done', 'failed', 'leased', 'parked', 'cancelled', 'ready', 'waiting'].map((state) => [state, state]),
    );
  });

  it('batch status RUN --watch --json: a line for each change, with its type', async () => {
    const scene = await allStates();
    const { code, stdout } = await scene.batch(['status', 'over', '--watch', '--json']);
    const changes = lines(stdout);
    expect({ code, types: changes.map(({ type }) => type) }).toEqual({ code: 0, types: ['item', 'run'] });
    for (const { type, ...fields } of changes)
      expect(compared(String(type), [fields])).toMatchObject({ undocumented: [], missing: [] });
  });

  it('audit --json: a line for each difference', async () => {
    const scene = await allStates();
    const file = join(scene.folder, 'o.jsonl');
    await scene.batch(['export', 'over', '-o', file]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('The text.', 'The test.').replace('"usage"', '"used"'));
    const { code, stdout } = await scene.audit(['over', file, '--json']);
    expect(code).toBe(1);
    expect(compared('difference', lines(stdout))).toMatchObject({ undocumented: [], missing: [], neverSeen: [] });
  });
});
