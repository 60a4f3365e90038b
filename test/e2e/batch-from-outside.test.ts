import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { aBatch, textsIn, textsOf } from './a-batch.js';
import { anEmulator, cleanUp, start, to } from './run-cli.js';

afterAll(cleanUp);

const IDS = ['a', 'b', 'c', 'd'];
const RUN = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl', '--concurrency', '2'];

/** A run of four items under way, two of them in flight. Those of the list stay so for as long as the test needs. */
async function underWay(stalled: readonly string[] = []) {
  const emulator = await anEmulator({
    ...{ words: 150, tokensPerSecond: 150 },
    fault: ({ body }) =>
      stalled.some((id) => JSON.stringify(body).includes(`Write ${id}.`)) ? { stall: { afterDeltas: 40 } } : undefined,
  });
  const folder = aBatch(IDS);
  const running = start(RUN, { folder, env: to(emulator) });
  await eventually(() => emulator.requests.length === 2 && emulator.requests.every(({ text }) => text.length > 100));
  return {
    emulator,
    folder,
    running,
    other: (...args: readonly string[]) => start(['batch', ...args], { folder, env: to(emulator) }),
  };
}

describe('a run that another process works on', () => {
  it('is paused by batch pause, starts no further item, and is resumed', async () => {
    const { emulator, folder, running, other } = await underWay(['a', 'b']);
    const others = [
      ['pause', 'in'],
      ['cancel', 'in', 'a'],
      ['cancel', 'in', 'b'],
    ] as const;
    const codes: (number | null)[] = [];
    for (const args of others) codes.push((await other(...args).ended).code);
    const { code, stderr } = await running.ended;
    expect({ codes, code, requests: emulator.requests.length }).toEqual({ codes: [0, 0, 0], code: 3, requests: 2 });
    expect(stderr).toContain('The run is paused. Go on with: scriptorium batch resume in');
    await other('resume', 'in').ended;
    const { c, d } = textsIn(folder, 'out.jsonl.partial');
    expect({ c, d }).toEqual(textsOf(emulator, ['c', 'd']));
  });

  it('is ended by batch cancel, which keeps what is written', async () => {
    const { emulator, folder, running, other } = await underWay(IDS);
    const cancelled = await other('cancel', 'in').ended;
    const { code, stderr } = await running.ended;
    expect({ codes: [cancelled.code, code], requests: emulator.requests.length }).toEqual({
      codes: [0, 1],
      requests: 2,
    });
    expect(stderr).toContain('The run was cancelled.');
    const status = await other('status', 'in', '--json').ended;
    const { items } = JSON.parse(status.stdout) as { readonly items: object };
    expect(items).toMatchObject({ cancelled: 4, leased: 0 });
    expect(Object.keys(textsIn(folder, 'out.jsonl.partial'))).toEqual(IDS);
  });

  it('loses an item to batch cancel, and goes on with the others', async () => {
    const { emulator, folder, running, other } = await underWay(['b']);
    const cancelled = await other('cancel', 'in', 'b').ended;
    const { code } = await running.ended;
    const { b, ...others } = textsIn(folder, 'out.jsonl.partial');
    expect({ codes: [cancelled.code, code], others, b }).toEqual({
      codes: [0, 1],
      others: textsOf(emulator, ['a', 'c', 'd']),
      b: expect.objectContaining({ code: 'cancelled' }) as unknown,
    });
  });

  it('is followed by batch status --watch --json to its end', async () => {
    const { running, other } = await underWay();
    const watched = await other('status', 'in', '--watch', '--json').ended;
    await running.ended;
    const changes = watched.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly state: string; readonly item?: string });
    const last = IDS.map((id) => changes.filter(({ item }) => item === id).at(-1)?.state);
    expect({ code: watched.code, last, end: changes.at(-1) }).toEqual({
      code: 0,
      last: ['done', 'done', 'done', 'done'],
      end: expect.objectContaining({ type: 'run', state: 'done' }) as unknown,
    });
  });
});
