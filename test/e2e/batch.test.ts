import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aBatch, messagesOf, textsIn, textsOf } from './a-batch.js';
import { aFolder, anEmulator, cleanUp, start, to } from './run-cli.js';
import type { Ending } from './run-cli.js';

afterAll(cleanUp);

const IDS = ['a', 'b', 'c', 'd', 'e'];
const RUN = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl'];

const expected = (emulator: Emulator, ids = IDS) => textsOf(emulator, ids);

interface Status {
  readonly state: string;
  readonly reason?: string;
  readonly itemStatus: readonly { readonly item: string; readonly state: string; readonly bytes: number }[];
}

async function statusOf(folder: string): Promise<Status> {
  const { stdout } = await start(['batch', 'status', 'in', '--json'], { folder }).ended;
  return JSON.parse(stdout) as Status;
}

/** Slow enough that a program can be stopped in the middle. */
const slow = (options: Parameters<typeof anEmulator>[0] = {}) =>
  anEmulator({ words: 150, tokensPerSecond: 100, ...options });

const isUnderWay = ({ requests }: Emulator) => requests.length >= 4 && requests.every(({ text }) => text.length > 200);

const requestOf = (emulator: Emulator, id: string) =>
  emulator.requests.filter(({ body }) => JSON.stringify(body).includes(`Write ${id}.`));

describe('scriptorium batch run', () => {
  it('writes the answers in the order of the input, and nothing again if it is run again', async () => {
    const emulator = await anEmulator();
    const folder = aBatch(IDS);
    const first = await start(RUN, { folder, env: to(emulator) }).ended;
    const again = await start([...RUN.slice(0, 4), 'again.jsonl'], { folder, env: to(emulator) }).ended;
    expect({ codes: [first.code, again.code], stdout: first.stdout, requests: emulator.requests.length }).toEqual({
      codes: [0, 0],
      stdout: '',
      requests: 5,
    });
    expect(Object.entries(textsIn(folder))).toEqual(Object.entries(expected(emulator)));
    expect(readFileSync(join(folder, 'again.jsonl'))).toEqual(readFileSync(join(folder, 'out.jsonl')));
    expect(again.stderr).toContain('All items of "in" are done already.');
    expect(first.stderr).toContain('5 of 5 items done');
  });

  it('goes on at the last journalled character after kill -9', async () => {
    const emulator = await slow();
    const folder = aBatch(IDS);
    const killed = start(RUN, { folder, env: to(emulator) });
    await eventually(() => isUnderWay(emulator));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const { itemStatus } = await statusOf(folder);
    const outputs = {
      out: existsSync(join(folder, 'out.jsonl')),
      partial: existsSync(join(folder, 'out.jsonl.partial')),
    };
    const { code } = await start(RUN, { folder, env: to(emulator) }).ended;
    expect({ code, outputs }).toEqual({ code: 0, outputs: { out: false, partial: false } });
    const texts = expected(emulator);
    expect(textsIn(folder)).toEqual(texts);
    const begun = itemStatus.filter(({ bytes }) => bytes > 0);
    expect(begun.length).toBeGreaterThan(0);
    // The model may repeat some words before it goes on; they are paid twice, and dropped.
    for (const { item, bytes } of begun) {
      const [second] = requestOf(emulator, item).slice(1);
      const rest = Buffer.from(texts[item]!).subarray(bytes).toString();
      expect({ item, hasRest: second?.text.endsWith(rest), isWhole: second?.text === texts[item] }).toEqual({
        item,
        hasRest: true,
        isWhole: false,
      });
    }
    expect(emulator.requests.filter(({ outcome }) => outcome === 'completed')).toHaveLength(5);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s exits with %i, keeps everything, and says how to go on', async (signal, code) => {
    const emulator = await slow();
    const folder = aBatch(IDS);
    const running = start(RUN, { folder, env: to(emulator) });
    await eventually(() => isUnderWay(emulator));
    running.kill(signal);
    const stopped = await running.ended;
    expect({ code: stopped.code, signal: stopped.signal }).toEqual({ code, signal: null });
    expect(stopped.stderr).toContain('Stopped; nothing is lost. Go on with: scriptorium batch resume in');
    expect((await statusOf(folder)).itemStatus.filter(({ state }) => state === 'leased')).toEqual([]);
    const resumed = await start(['batch', 'resume', 'in'], { folder, env: to(emulator) }).ended;
    expect({ code: resumed.code, texts: textsIn(folder) }).toEqual({ code: 0, texts: expected(emulator) });
  });

  it('ends at once at the second signal', async () => {
    const emulator = await anEmulator({ fault: () => ({ stall: { afterDeltas: 5 } }) });
    const folder = aBatch(IDS);
    const running = start(RUN, { folder, env: to(emulator) });
    await eventually(() => emulator.requests.length >= 4);
    running.kill('SIGINT');
    running.kill('SIGINT');
    const { code, signal } = await running.ended;
    expect([130, 'SIGINT']).toContain(code ?? signal);
  });

  it('parks items while the quota is spent, exits with 3, and goes on after the reset', async () => {
    let isSpent = true;
    const emulator = await anEmulator({
      fault: () => (isSpent ? { status: 429, headers: { 'retry-after': '7200' } } : undefined),
    });
    const folder = aBatch(IDS);
    const parked = await start(RUN, { folder, env: to(emulator) }).ended;
    expect({ code: parked.code, written: existsSync(join(folder, 'out.jsonl')) }).toEqual({ code: 3, written: false });
    expect(parked.stderr).toMatch(/^Parked until \d{4}-\d\d-\d\d \d\d:\d\d UTC \(in 2 h 0 min\): the provider's/m);
    expect(parked.stderr).toContain('Go on then with: scriptorium batch resume in (with --wait it goes on by itself)');
    isSpent = false;
    const resumed = await start(['batch', 'resume', 'in'], { folder, env: to(emulator) }).ended;
    expect({ code: resumed.code, texts: textsIn(folder) }).toEqual({ code: 0, texts: expected(emulator) });
  });

  it('goes on by itself after the reset with --wait', async () => {
    const emulator = await anEmulator({
      fault: (_, index) => (index < 5 ? { status: 429, headers: { 'retry-after': '3' } } : undefined),
    });
    const folder = aBatch(IDS);
    writeFileSync(join(folder, 'scriptorium.config.json'), JSON.stringify({ plugins: { runs: { patienceMs: 100 } } }));
    const { code, stderr } = await start([...RUN, '--wait'], { folder, env: to(emulator) }).ended;
    expect({ code, texts: textsIn(folder) }).toEqual({ code: 0, texts: expected(emulator) });
    expect(stderr).toContain(': parked until ');
  });

  it('keeps failed items as errors, exits with 1, and tries them again on resume', async () => {
    let isDown = true;
    const emulator = await anEmulator({
      fault: ({ body }) => (isDown && JSON.stringify(body).includes('Write b.') ? { status: 400 } : undefined),
    });
    const folder = aBatch(['a', 'b', 'c'], (id) => (id === 'c' ? { after: ['b'] } : {}));
    const failed = await start(RUN, { folder, env: to(emulator) }).ended;
    expect(failed.code).toBe(1);
    expect(textsIn(folder)).toEqual({
      a: expected(emulator).a,
      b: { code: 'bad-request', message: expect.any(String) },
      c: { code: 'cancelled', message: expect.stringContaining('b') },
    });
    isDown = false;
    const resumed = await start(['batch', 'resume', 'in'], { folder, env: to(emulator) }).ended;
    expect({ code: resumed.code, texts: textsIn(folder) }).toEqual({
      code: 0,
      texts: expected(emulator, ['a', 'b', 'c']),
    });
  });

  it('is helped by a second process, which says so', async () => {
    const emulator = await slow();
    const folder = aBatch(IDS);
    const running = start(RUN, { folder, env: to(emulator) });
    await eventually(() => isUnderWay(emulator));
    running.child.kill('SIGSTOP');
    const helper = start(RUN, { folder, env: to(emulator) });
    let said = '';
    helper.child.stderr!.on('data', (text: string) => (said += text));
    await eventually(() => said.includes('Another process works on 4 items; this one helps'));
    running.child.kill('SIGCONT');
    const ends = await Promise.all([running.ended, helper.ended]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect({ texts: textsIn(folder), requests: emulator.requests.length }).toEqual({
      texts: expected(emulator),
      requests: 5,
    });
  });
});

describe('scriptorium batch run refuses before anything is sent', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await anEmulator();
  });
  const refused = async (folder: string, args: readonly string[] = RUN): Promise<Ending> => {
    const ending = await start(args, { folder, env: to(emulator) }).ended;
    expect({ code: ending.code, requests: emulator.requests.length }).toEqual({ code: 2, requests: 0 });
    return ending;
  };

  it('a file with bad lines, and names them', async () => {
    const { stderr } = await refused(aBatch(['a', 'a', 'b'], (id) => (id === 'b' ? { url: '/v1/embeddings' } : {})));
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'in.jsonl, line 2: custom_id "a" is that of line 1, too.',
      'in.jsonl, line 3: url is "/v1/embeddings"; it must be "/v1/chat/completions"; other endpoints are not supported.',
      expect.stringMatching(/^scriptorium: batch: in\.jsonl has 2 bad lines\. Nothing was sent\./),
    ]);
  });

  it.each([
    [
      'an input that the pipeline refuses',
      { body: { messages: messagesOf('a'), temperature: 9 } },
      /line 1: temperature/,
    ],
    ['an unknown model', { body: { messages: messagesOf('a'), model: 'nobody/none' } }, /nobody\/none/],
  ])('%s', async (_, line, message) => {
    expect((await refused(aBatch(['a'], () => line))).stderr).toMatch(message);
  });

  it.each([
    ['an empty file', RUN, 'batch: in.jsonl has no requests: it is empty.'],
    ['a file that is not there', ['batch', 'run', 'no.jsonl', '-o', 'out.jsonl'], 'batch: There is no file no.jsonl.'],
    ['a missing -o', RUN.slice(0, 3), '-o is missing'],
    ['an output in a missing folder', [...RUN.slice(0, 4), 'no/out'], 'no does not exist'],
    ['the output of another run', [...RUN.slice(0, 4), 'taken.jsonl'], 'add --force'],
  ])('%s', async (_, args, message) => {
    const files = { 'in.jsonl': '', 'taken.jsonl': '{"id":"batch_req_x_1"}\n' };
    expect((await refused(aFolder(files), args)).stderr).toContain(message);
  });

  it('a changed file of the same run, with both ways on', async () => {
    const own = await anEmulator();
    const folder = aBatch(['a']);
    await start(RUN, { folder, env: to(own) }).ended;
    const path = join(folder, 'in.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('Write a.', 'Write it.'));
    const { code, stderr } = await start(RUN, { folder, env: to(own) }).ended;
    expect({ code, requests: own.requests.length, stderr }).toEqual({
      code: 2,
      requests: 1,
      stderr:
        'scriptorium: batch: in.jsonl: The run "in" exists with other items: item "a": input.messages[0].content differs: "Write it." instead of "Write a.". Give the new run another name. That is, add --name NAME. Or go on with the old items: scriptorium batch resume in\n',
    });
  });
});
