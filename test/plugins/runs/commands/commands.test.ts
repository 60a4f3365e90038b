import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';
import { aRun } from '../batch-file/a-run.js';
import type { ARun } from '../batch-file/a-run.js';
import { commandScene } from './command-scene.js';
import type { CommandScene } from './command-scene.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A run whose item `a` is done and whose item `b` has failed. */
async function ended(ids: readonly string[], name: string, place: Pick<ARun, 'journal' | 'clock'>): Promise<ARun> {
  const run = await aRun(ids, name, place);
  for (let left = ids.length; left > 0; left -= 1) {
    const { lease } = await run.claim();
    await (lease.item === 'b' ? run.failed(lease, 'Half') : run.done(lease, `The text of ${lease.item}.`));
  }
  return run;
}

/** `ada` has ended, `bob` is being written. */
async function twoRuns(): Promise<{ readonly scene: CommandScene; readonly journal: Journal; readonly bob: ARun }> {
  const scene = commandScene();
  const journal = await scene.journal();
  await ended(['a', 'b'], 'ada', { journal, clock: scene.clock });
  const bob = await aRun(['x', 'y'], 'bob', { journal, clock: scene.clock });
  return { scene, journal, bob };
}

/** Lets a watching command see the latest change. */
async function seen({ clock }: CommandScene): Promise<void> {
  for (let step = 0; step < 8; step += 1) {
    await new Promise(setImmediate);
    clock.advance(250);
  }
}

const ok = { code: 0, error: undefined };

describe('batch list', () => {
  it('lists all runs, the oldest first', async () => {
    const { scene, bob } = await twoRuns();
    await bob.claim();
    expect(await scene.batch(['list'])).toEqual({
      ...ok,
      stderr: '',
      stdout: [
        'RUN  STATE    DONE  WORDS     COST  SINCE',
        'ada  failed    1/2      4  $0.0200  2026-11-28 12:00 UTC',
        'bob  running   0/2      0    $0.00  2026-11-28 12:00 UTC',
        '',
      ].join('\n'),
    });
  });

  it('says that there are no runs', async () => {
    const scene = commandScene();
    await scene.journal();
    expect(await scene.batch(['list'])).toEqual({ ...ok, stderr: '', stdout: 'There are no runs.\n' });
  });
});

describe('batch status', () => {
  it('shows a run and its items, with the reason of what did not work', async () => {
    const { scene } = await twoRuns();
    expect((await scene.batch(['status', 'ada'])).stdout).toBe(
      [
        'Run "ada": failed, since 2026-11-28 12:00 UTC',
        '  2 items: 1 done, 1 failed',
        '  4 words, 20 tokens in, 40 out, $0.0200',
        '',
        'ITEM  STATE   WORDS  TOKENS     COST  TRIES  SINCE',
        'a     done        4      20  $0.0100      1  11-28 12:00',
        'b     failed    4 B      20  $0.0100      1  11-28 12:00',
        '    The model is gone.',
        '',
      ].join('\n'),
    );
  });

  it('shows a run while another process writes it', async () => {
    const { scene, bob } = await twoRuns();
    await bob.claim();
    const { stdout } = await scene.batch(['status', 'bob']);
    expect(stdout).toContain('2 items: 1 leased, 1 ready');
    expect(stdout).toMatch(/^x {5}writing /m);
  });

  it('shows all runs without a name', async () => {
    const { scene } = await twoRuns();
    expect(await scene.batch(['status'])).toEqual(await scene.batch(['list']));
  });

  it('finds a run by its name, also if that is the id of another', async () => {
    const { scene, journal } = await twoRuns();
    const { id } = await journal.status('ada');
    await aRun(['z'], id, { journal, clock: scene.clock });
    const heads = await Promise.all(
      [id, 'ada'].map(async (name) => (await scene.batch(['status', name])).stdout.split(':')[0]),
    );
    expect(heads).toEqual([`Run "${id}"`, 'Run "ada"']);
  });

  it('finds a run by its id', async () => {
    const { scene, bob } = await twoRuns();
    expect((await scene.batch(['status', bob.id])).stdout).toContain('Run "bob"');
  });

  it('follows a run in lines where there is no terminal, until it ends', async () => {
    const { scene, bob } = await twoRuns();
    const watching = scene.batch(['status', 'bob', '--watch']);
    await seen(scene);
    for (const text of ['Some words.', 'Other words.']) {
      await bob.done((await bob.claim()).lease, text);
      await seen(scene);
    }
    const { code, stdout } = await watching;
    expect({ code, first: stdout.split('\n')[0], last: stdout.split('\n').at(-2) }).toEqual({
      code: 0,
      first: '  x: ready',
      last: 'bob: done, 2 of 2 items done, 4 words, $0.0200',
    });
    expect(stdout).toContain('  x: done, 2 words\n');
  });

  it('is stopped by a signal', async () => {
    const { scene } = await twoRuns();
    const stop = new AbortController();
    const watching = scene.batch(['status', 'bob', '--watch'], stop.signal);
    await new Promise(setImmediate);
    stop.abort();
    expect(await watching).toMatchObject({ code: undefined, error: 'The watching was stopped.' });
  });
});

describe('batch pause', () => {
  it('lets nothing more be claimed, and says how to go on', async () => {
    const { scene, journal, bob } = await twoRuns();
    expect(await scene.batch(['pause', 'bob'])).toEqual({
      ...ok,
      stdout: '',
      stderr: 'Paused "bob". Items under way go on to their end. Go on with: scriptorium batch resume bob\n',
    });
    expect((await journal.status('bob')).state).toBe('paused');
    await expect(bob.claim()).rejects.toThrow('There is nothing to claim.');
  });

  it('is refused for a run that has ended', async () => {
    const { scene } = await twoRuns();
    expect((await scene.batch(['pause', 'ada'])).error).toBe('The run "ada" is failed; it cannot be changed.');
  });
});

describe('batch cancel', () => {
  it('ends a run that another process writes, which can commit nothing more', async () => {
    const { scene, journal, bob } = await twoRuns();
    const { lease } = await bob.claim();
    expect(await scene.batch(['cancel', 'bob'])).toEqual({
      ...ok,
      stdout: '',
      stderr: 'Cancelled "bob". What is written is kept.\n',
    });
    expect((await journal.status('bob')).state).toBe('cancelled');
    await expect(bob.done(lease, 'Late.')).rejects.toMatchObject({ code: 'lease-lost' });
  });

  it('ends an item', async () => {
    const { scene, journal } = await twoRuns();
    const { code, stderr } = await scene.batch(['cancel', 'bob', 'y']);
    expect({ code, stderr, items: (await journal.status('bob')).items }).toMatchObject({
      code: 0,
      stderr: 'Cancelled item "y" of "bob". What is written is kept.\n',
      items: { ready: 1, cancelled: 1 },
    });
  });

  it('names the nearest item of one that is not there', async () => {
    const { scene, journal } = await twoRuns();
    await aRun(['chapter-1', 'chapter-2'], 'cy', { journal, clock: scene.clock });
    expect((await scene.batch(['cancel', 'cy', 'chaptr-1'])).error).toBe(
      'batch: The run "cy" has no item "chaptr-1". Did you mean "chapter-1"?',
    );
  });
});

describe('batch prune', () => {
  it('removes runs that ended long ago, and keeps those that run, are parked or paused', async () => {
    const { scene, journal, bob } = await twoRuns();
    const place = { journal, clock: scene.clock };
    const parked = await aRun(['a'], 'parked', place);
    await journal.park((await parked.claim()).lease, { reason: 'quota' });
    await aRun(['a'], 'paused', place);
    await journal.pause('paused');
    const { lease } = await bob.claim();
    scene.clock.advance(2 * DAY);
    await ended(['a'], 'late', place);
    scene.clock.advance(HOUR);
    expect(await scene.batch(['prune', '--older-than', '1d'])).toEqual({
      ...ok,
      stdout: '',
      stderr: 'Removed 1 run.\n',
    });
    expect((await journal.runs()).map(({ name }) => name)).toEqual(['bob', 'parked', 'paused', 'late']);
    await bob.done(lease, 'Still its own.');
  });

  it('needs the age', async () => {
    const { scene } = await twoRuns();
    expect((await scene.batch(['prune'])).error).toBe('batch: --older-than is missing, such as --older-than 30d.');
  });
});

describe('batch export', () => {
  it('writes the answers so far beside the file, and texts into a folder that it makes', async () => {
    const { scene, journal } = await twoRuns();
    const open = await aRun(['one', 'two'], 'open', { journal, clock: scene.clock });
    await open.done((await open.claim()).lease, 'Whole.');
    const [file, texts] = [join(scene.folder, 'o.jsonl'), join(scene.folder, 'new', 'texts')];
    const { code, stderr } = await scene.batch(['export', 'open', '-o', file, '--texts', texts]);
    expect({ code, stderr, isWhole: existsSync(file), text: readFileSync(join(texts, 'one.txt'), 'utf8') }).toEqual({
      code: 0,
      stderr: `The run has not ended. The answers so far are in ${file}.partial\nWrote 1 text into ${texts}\n`,
      isWhole: false,
      text: 'Whole.',
    });
  });

  it('needs a place', async () => {
    const { scene } = await twoRuns();
    expect((await scene.batch(['export', 'ada'])).error).toMatch(/^batch: -o or --texts is missing/);
  });
});

describe('audit', () => {
  it('finds a run right, and names what differs in its output', async () => {
    const { scene } = await twoRuns();
    const file = join(scene.folder, 'o.jsonl');
    await scene.batch(['export', 'ada', '-o', file]);
    const right = await scene.audit(['ada', file]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('The text of a.', 'The test of a.'));
    const wrong = await scene.audit(['ada', file]);
    expect({ right, code: wrong.code, stderr: wrong.stderr }).toEqual({
      right: { ...ok, stdout: '', stderr: `All is right: the journal, ${file}\n` },
      code: 1,
      stderr: 'Found 1 difference\n',
    });
    expect(wrong.stdout).toContain(`${file}: a: `);
  });
});

describe('the help', () => {
  it('fits into 80 columns', async () => {
    const scene = commandScene();
    const { stdout: batch } = await scene.batch(['--help']);
    const { stdout: audit } = await scene.audit(['--help']);
    expect([...batch.split('\n'), ...audit.split('\n')].filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('a wrong word', () => {
  it.each([
    ['status adda', /^There is no run "adda" in .*runs\.db\. Known runs: ada, bob\. Did you mean "ada"\?$/],
    ['resume bbo', /^There is no run "bbo" in .* Did you mean "bob"\?$/],
    ['export nobody -o x', /^There is no run "nobody" in .*runs\.db\. Known runs: ada, bob\.$/],
    ['cancle ada', /^batch: "cancle" is not known\. .* Did you mean "cancel"\?$/],
    ['list --jsn', /^batch: There is no option --jsn\. Did you mean "--json"\?$/],
    ['list -x', /^batch: There is no option -x\.$/],
    ['run in.jsonl -o', /^batch: Option '-o, --output <value>' argument missing$/],
  ])('is refused with the nearest right one: %s', async (line, message) => {
    const { scene } = await twoRuns();
    expect((await scene.batch(line.split(' '))).error).toMatch(message);
  });

  it('is refused by audit', async () => {
    const { scene } = await twoRuns();
    expect([(await scene.audit(['adda'])).error, (await scene.audit(['ada', '--jso'])).error]).toEqual([
      expect.stringMatching(/Did you mean "ada"\?$/),
      'audit: There is no option --jso. Did you mean "--json"?',
    ]);
  });
});

describe('a journal that is not there', () => {
  it.each([
    ['status'],
    ['status ada'],
    ['list'],
    ['pause ada'],
    ['cancel ada'],
    ['resume ada'],
    ['prune --older-than 1d'],
  ])('is not made by batch %s', async (line) => {
    const scene = commandScene();
    const file = join(scene.folder, 'runs.db');
    const { error } = await scene.batch(line.split(' '));
    expect({ error, isThere: existsSync(file) }).toEqual({
      error: `There is no journal ${file} here: no run was started in this folder. Start one with "scriptorium batch run IN.jsonl -o OUT.jsonl", or name another journal in plugins.runs.journal.`,
      isThere: false,
    });
  });

  it('is not made by audit', async () => {
    const scene = commandScene();
    const { error = '' } = await scene.audit(['ada']);
    expect({
      isNamed: error.startsWith('There is no journal '),
      isThere: existsSync(join(scene.folder, 'runs.db')),
    }).toEqual({ isNamed: true, isThere: false });
  });
});
