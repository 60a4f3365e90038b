import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aBatch, batchFile, messagesOf, textsIn, textsOf } from './a-batch.js';
import { anEmulator, cleanUp, start, to } from './run-cli.js';
import type { RunningProcess } from './run-cli.js';

afterAll(cleanUp);

const IDS = ['a', 'b', 'c', 'd', 'e'];
const RUN = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl'];

/** Resolves as soon as the program has said this on stderr. */
function says({ child }: RunningProcess, words: string): Promise<void> {
  let said = '';
  child.stderr!.on('data', (text: string) => (said += text));
  return eventually(() => said.includes(words));
}

/** Slow enough that something can happen in the middle. */
const SLOW = { words: 150, tokensPerSecond: 100 };
const isUnderWay = ({ requests }: Emulator) => requests.length >= 4 && requests.every(({ text }) => text.length > 100);

describe('a daily quota that is spent in the middle', () => {
  it('parks the run with exit code 3 and the time; with --wait it goes on by itself at the reset', async () => {
    const FREE = 'scriptorium/exact:free';
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    // More items than two days take, so that a day which ends in the middle of the first run makes no difference.
    const emulator = await anEmulator({ limits: { requestsPerDay: 3, dayMs: 20_000 } });
    const folder = aBatch(ids, (id) => ({ body: { model: FREE, messages: messagesOf(id) } }));
    writeFileSync(
      join(folder, 'scriptorium.config.json'),
      JSON.stringify({
        plugins: { runs: { patienceMs: 100 } },
        rateLimit: { minIntervalMs: 0 },
        retry: { maxRetryAfterMs: 100 },
      }),
    );
    const parked = await start(RUN, { folder, env: to(emulator) }).ended;
    expect({ code: parked.code, mostInADay: emulator.books.mostInADay }).toEqual({ code: 3, mostInADay: 3 });
    expect(parked.stderr).toMatch(
      /^Parked until \d{4}-\d\d-\d\d \d\d:\d\d UTC \(in \d+ s\): the provider's quota is used up$/m,
    );
    const { code, stderr } = await start(['batch', 'resume', 'in', '--wait'], { folder, env: to(emulator) }).ended;
    expect({ code, texts: textsIn(folder), mostInADay: emulator.books.mostInADay }).toEqual({
      code: 0,
      texts: textsOf(emulator, ids, FREE),
      mostInADay: 3,
    });
    expect(stderr).toMatch(/^Waiting until .*: the provider's quota is used up$/m);
    expect(emulator.requests.filter(({ status }) => status === 200)).toHaveLength(7);
  });
});

describe('a vendor that goes away', () => {
  const AWAY = 'The provider keeps failing (the connection failed). Items wait until it answers again.';
  const BACK = 'The provider answers again.';

  it('is waited for, whether it is away at the start or in the middle; all texts are exact', async () => {
    const first = await anEmulator(SLOW);
    const texts = textsOf(first, IDS);
    const { port } = first;
    await first.close();
    const folder = aBatch(IDS);
    const running = start(RUN, { folder, env: to(first) });
    await says(running, AWAY);
    const second = await startEmulator({ ...SLOW, port });
    await eventually(() => isUnderWay(second));
    await second.close();
    await says(running, AWAY);
    const third = await startEmulator({ ...SLOW, port });
    const { code, stderr } = await running.ended;
    await third.close();
    expect({ code, texts: textsIn(folder) }).toEqual({ code: 0, texts });
    expect(stderr.match(/^The provider.*$/gm)).toEqual([AWAY, BACK, AWAY, BACK]);
  });
});

const canMount =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;
if (!canMount) console.warn('The tests of a full disk need Linux and root, to mount a small one. They are skipped.');

(canMount ? describe : describe.skip)('a disk that is full', () => {
  const disks: string[] = [];
  afterEach(() => {
    for (const disk of disks.splice(0)) {
      spawnSync('umount', ['-l', disk]);
      rmdirSync(disk);
    }
  });

  /** A disk of 2 MB with a batch file, and a file that fills it. */
  function aSmallDisk() {
    const disk = realpathSync(mkdtempSync(join(tmpdir(), 'scriptorium-disk-')));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { encoding: 'utf8' });
    if (mounted.status !== 0) throw new Error(mounted.stderr);
    disks.push(disk);
    writeFileSync(join(disk, 'in.jsonl'), batchFile(IDS));
    const filler = join(disk, 'filler');
    const fill = () => {
      try {
        writeFileSync(filler, Buffer.alloc(3_000_000));
      } catch {
        // It takes what there is.
      }
    };
    return { disk, fill, free: () => rmSync(filler) };
  }

  const FULL = 'New text is kept in memory until it can be written: ';

  it('lets texts be kept in memory until there is room; they come out exact', async () => {
    const emulator = await anEmulator(SLOW);
    const { disk, fill, free } = aSmallDisk();
    const running = start(RUN, { folder: disk, env: to(emulator) });
    await eventually(() => isUnderWay(emulator));
    fill();
    await says(running, FULL);
    free();
    const { code, stderr } = await running.ended;
    expect({ code, texts: textsIn(disk), requests: emulator.requests.length }).toEqual({
      code: 0,
      texts: textsOf(emulator, IDS),
      requests: 5,
    });
    expect(stderr.match(/^New text is kept.*$/gm)).toEqual([
      expect.stringMatching(
        /runs\.db is not available: database or disk is full\. Free space on its disk, then try again\.$/,
      ),
    ]);
    expect(stderr).toContain('The journal can be written again.');
  });

  it('is named at the start, before anything is sent', async () => {
    const emulator = await anEmulator(SLOW);
    const { disk, fill, free } = aSmallDisk();
    fill();
    const { code, stderr } = await start(RUN, { folder: disk, env: to(emulator) }).ended;
    free();
    expect({ isOk: code === 0, requests: emulator.requests.length }).toEqual({ isOk: false, requests: 0 });
    expect(stderr).toMatch(/^scriptorium: .*full|ENOSPC/m);
  });

  it('loses by kill -9 only what came after the last checkpoint; the next run makes the texts whole', async () => {
    const emulator = await anEmulator(SLOW);
    const { disk, fill, free } = aSmallDisk();
    const running = start(RUN, { folder: disk, env: to(emulator) });
    await eventually(() => isUnderWay(emulator));
    fill();
    await says(running, FULL);
    running.child.kill('SIGKILL');
    await running.ended;
    free();
    const { code } = await start(['batch', 'resume', 'in'], { folder: disk, env: to(emulator) }).ended;
    expect({ code, texts: textsIn(disk) }).toEqual({ code: 0, texts: textsOf(emulator, IDS) });
  });
});
