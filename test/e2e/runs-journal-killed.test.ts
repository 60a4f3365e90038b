import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { sqliteJournal } from 'scriptorium/plugins/runs';
import type { Journal } from 'scriptorium/plugins/runs';
import { systemClock } from 'scriptorium/plugin';
import { thisWorker } from '../../plugins/runs/journal/this-worker.js';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-journal-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const aFile = (): string => join(folder, `${(files += 1)}`, 'runs.db');

const PLUGIN = new URL('../../dist/plugins/runs/', import.meta.url).href;
const CORE = new URL('../../dist/src/', import.meta.url).href;

/** What all programs begin with: a journal, and a way to die before a transaction is committed, or right after it. */
const BEGINNING = `
import Database from 'libsql';
import { sqliteJournal } from '${PLUGIN}index.js';
import { thisWorker } from '${PLUGIN}journal/this-worker.js';
import { systemClock } from '${CORE}plugin.js';
const die = () => process.kill(process.pid, 'SIGKILL');
let armed = '';
const { exec } = Database.prototype;
Database.prototype.exec = function (sql) {
  if (armed === 'before' && sql === 'COMMIT') die();
  exec.call(this, sql);
  if (armed === 'after' && sql === 'COMMIT') die();
};
const source = { generation: 'g', attempt: 1, provider: 'p', model: 'm' };
const result = { finishReason: { unified: 'stop' }, provider: 'p', model: 'm', servedFrom: 'provider' };
const usage = { inputTokens: 10, outputTokens: 5, estimatedCostUsd: 0.25, source: 'estimated' };
const hello = { append: [{ at: 0, text: 'Hello', source }], attempts: [{ ...source, outcome: 'running', usage }] };
const file = process.argv[1];
const open = () => sqliteJournal(file, { clock: systemClock });
const run = { name: 'book', hash: 'h', labels: {}, limits: { concurrency: 1, budgetUsd: 0, tries: 3, restarts: 1 },
  items: [{ id: 'one', input: { model: 'm', prompt: 'p' }, isPriced: true }] };
const claim = async (journal) => (await journal.claim({ worker: thisWorker(), leaseMs: 600_000 })).item;
`;

interface Ended {
  readonly signal: string | null;
  readonly stdout: string;
}

/** Runs a program to its end. @param shell what a shell does before it starts the program */
async function runProgram(program: string, file: string, shell = ''): Promise<Ended> {
  const command = `${shell} exec "$0" --input-type=module --eval "$1" "$2"`;
  const child = spawn('bash', ['-c', command, process.execPath, BEGINNING + program, file]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  const signal = await new Promise<string | null>((resolve) => child.on('close', (_, how) => resolve(how)));
  if (stderr !== '') throw new Error(stderr);
  return { signal, stdout };
}

const open: Journal[] = [];
afterEach(() => Promise.all(open.splice(0).map((journal) => journal.close())));

async function journalOf(file: string): Promise<Journal> {
  const journal = await sqliteJournal(file, { clock: systemClock });
  open.push(journal);
  return journal;
}

/** When a process dies: before a call, within its transaction, before its acknowledgement, or after it. */
type Moment = 'before' | 'within' | 'before the answer of' | 'after';

const CALLS = {
  claim: 'journal.claim({ worker: thisWorker(), leaseMs: 600_000 })',
  checkpoint: 'journal.checkpoint(lease, hello)',
  commit: `journal.commit(lease, { append: [{ at: 5, text: ' world', source }], result, sha256: 's', words: 2 })`,
  park: `journal.park(lease, { reason: 'quota', forMs: 600_000 })`,
};

/** Lets a process die at a moment of a call, and returns what it has left, and what can be claimed then. */
async function killed(call: keyof typeof CALLS, moment: Moment) {
  const file = aFile();
  const before = {
    claim: '',
    checkpoint: 'const { lease } = await claim(journal);',
    commit: 'const { lease } = await claim(journal); await journal.checkpoint(lease, hello);',
    park: 'const { lease } = await claim(journal); await journal.checkpoint(lease, hello);',
  };
  const death = {
    before: `die(); ${CALLS[call]};`,
    within: `armed = 'before'; ${CALLS[call]};`,
    'before the answer of': `armed = 'after'; ${CALLS[call]};`,
    after: `await ${CALLS[call]}; die();`,
  };
  const { signal } = await runProgram(
    `const journal = await open(); await journal.createRun(run); ${before[call]} ${death[moment]}`,
    file,
  );
  const journal = await journalOf(file);
  const [record] = await journal.records('book');
  const next = await journal.claim({ worker: thisWorker(), leaseMs: 600_000 });
  const [claimed] = await journal.records('book');
  return {
    signal,
    left: { state: record?.state, epoch: record?.epoch, text: record?.text },
    next: next.type === 'item' ? { epoch: next.item.lease.epoch, text: next.item.text } : next.type,
    attempts: claimed?.records.map(({ outcome }) => outcome),
    cost: claimed?.cost.estimated,
  };
}

describe('a process that is killed at its journal', () => {
  const NOTHING = { text: '', attempts: [], cost: 0 };
  const HELLO = { text: 'Hello', attempts: ['lost'], cost: 0.25 };
  const [fresh, second] = [
    { state: 'ready', epoch: 0 },
    { state: 'leased', epoch: 1 },
  ];
  const leaves = (left: object, { text, ...rest }: typeof HELLO | typeof NOTHING, epoch: number) => ({
    signal: 'SIGKILL',
    left: { ...left, text },
    next: { epoch, text },
    ...rest,
  });
  const ended = (state: string, text: string) => ({
    signal: 'SIGKILL',
    left: { state, epoch: 1, text },
    next: 'nothing',
    attempts: ['lost'],
    cost: 0.25,
  });

  it.each([
    ['before', leaves(fresh, NOTHING, 1)],
    ['within', leaves(fresh, NOTHING, 1)],
    ['before the answer of', leaves(second, NOTHING, 2)],
    ['after', leaves(second, NOTHING, 2)],
  ] as const)('%s a claim leaves the item to the next one at once', async (moment, expected) => {
    expect(await killed('claim', moment)).toEqual(expected);
  });

  it.each([
    ['before', leaves(second, NOTHING, 2)],
    ['within', leaves(second, NOTHING, 2)],
    ['before the answer of', leaves(second, HELLO, 2)],
    ['after', leaves(second, HELLO, 2)],
  ] as const)('%s a checkpoint leaves all of it or nothing', async (moment, expected) => {
    expect(await killed('checkpoint', moment)).toEqual(expected);
  });

  it.each([
    ['before', leaves(second, HELLO, 2)],
    ['within', leaves(second, HELLO, 2)],
    ['before the answer of', ended('done', 'Hello world')],
    ['after', ended('done', 'Hello world')],
  ] as const)('%s a commit leaves the item done, or its text', async (moment, expected) => {
    expect(await killed('commit', moment)).toEqual(expected);
  });

  it.each([
    ['before', leaves(second, HELLO, 2)],
    ['within', leaves(second, HELLO, 2)],
    ['before the answer of', ended('parked', 'Hello')],
    ['after', ended('parked', 'Hello')],
  ] as const)('%s a parking leaves the item parked, or its text', async (moment, expected) => {
    expect(await killed('park', moment)).toEqual(expected);
  });
});

describe('a disk that is full', () => {
  it('refuses what does not fit, keeps what was acknowledged, and goes on when there is room', async () => {
    const file = aFile();
    const { stdout } = await runProgram(
      `import { execFileSync } from 'node:child_process';
      const journal = await open();
      await journal.createRun(run);
      const { lease } = await claim(journal);
      const [piece, refusals] = ['x'.repeat(10_000), []];
      let at = 0;
      const append = () => journal.checkpoint(lease, { append: [{ at, text: piece, source }] }).then(() => { at += 10_000; });
      while (refusals.length === 0) await append().catch((error) => refusals.push(error));
      const whenFull = at;
      await append().catch((error) => refusals.push(error));
      execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(process.pid)]);
      await append();
      await journal.commit(lease, { result, sha256: 's', words: 1 });
      await journal.close();
      console.log(JSON.stringify({ whenFull, at, refusals: refusals.map(({ code, message }) => ({ code, message })) }));`,
      file,
      // Blocks of 1 KB. The signal would end the process.
      `trap '' XFSZ; ulimit -S -f 400;`,
    );
    const { whenFull, at, refusals } = JSON.parse(stdout) as Readonly<Record<'whenFull' | 'at', number>> & {
      readonly refusals: readonly object[];
    };
    const message = expect.stringMatching(/is not available: .*free space/is) as unknown;
    expect(refusals).toEqual(Array.from({ length: 2 }, () => ({ code: 'unavailable', message })));
    expect(at).toBe(whenFull + 10_000);
    expect(await (await journalOf(file)).records('book')).toMatchObject([
      { state: 'done', bytes: at, text: 'x'.repeat(at) },
    ]);
  });
});

describe('a folder in which nothing may be written', () => {
  /** The superuser may write everywhere, and so becomes nobody, once all modules are loaded. */
  const opening = `
    if (process.getuid() === 0) { process.setgid(65_534); process.setuid(65_534); }
    await open().then((journal) => journal.createRun(run)).catch(({ code, message }) => console.log(code, message));`;
  const REFUSED = /^unavailable The journal .* is not available: .*writable/s;

  it('is named before a journal is made', async () => {
    const file = aFile();
    mkdirSync(join(file, '..'), { mode: 0o555 });
    expect((await runProgram(opening, file)).stdout).toMatch(REFUSED);
  });

  it('is named where a journal cannot be changed', async () => {
    const file = aFile();
    const journal = await sqliteJournal(file, { clock: systemClock });
    await journal.close();
    chmodSync(file, 0o444);
    chmodSync(join(file, '..'), 0o555);
    expect((await runProgram(opening, file)).stdout).toMatch(REFUSED);
  });
});
