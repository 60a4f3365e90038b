import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { hasTerminals, inTerminal } from './in-terminal.js';
import { aFolder, anEmulator, cleanUp, run, start, to } from './run-cli.js';

/** As fast as a person reads. */
let slow: Emulator;
beforeAll(async () => {
  slow = await anEmulator({ tokensPerSecond: 100, words: 2_000 });
});
afterEach(() => slow.clear());
afterAll(cleanUp);

/** Says a part of the text and then nothing more: only the client can end this answer. */
const STALLED = { stall: { afterDeltas: 30 } } as const;

describe('being stopped', () => {
  it.each([
    ['SIGINT', 130, start],
    ['SIGTERM', 143, run],
  ] as const)('by %s keeps the text so far, gives up the rest, and exits with %i', async (signal, code, begin) => {
    const running = begin(['generate', 'A long text.'], { env: to(slow) });
    await eventually(() => running.stdout().split(' ').length > 8);
    running.kill(signal);
    const ended = await running.ended;
    const [request] = slow.requests as [Emulator['requests'][number]];
    await eventually(() => request.closedAt !== undefined);
    expect(ended).toMatchObject({ code, signal: null, stderr: '' });
    expect(request).toMatchObject({ outcome: 'cancelled' });
    expect(ended.stdout.endsWith('\n')).toBe(true);
    expect(request.text.startsWith(ended.stdout.slice(0, -1))).toBe(true);
    expect(ended.stdout.split(' ').length).toBeGreaterThan(8);
  });

  (hasTerminals ? it : it.skip)('by Ctrl-C in a terminal tells how much text there is', async () => {
    const { child, ended, screen: shown } = inTerminal(slow, ['A long text.']);
    await eventually(() => {
      const { text } = slow.requests[0] ?? { text: '' };
      return text.length > 40 && shown().includes(text.slice(0, 30));
    });
    child.stdin.write('\u0003');
    const { code, screen } = await ended;
    const [request] = slow.requests as [Emulator['requests'][number]];
    await eventually(() => request.closedAt !== undefined);
    expect({ code, outcome: request.outcome }).toEqual({ code: 130, outcome: 'cancelled' });
    expect(screen).toContain('^C');
    // The terminal shows ^C after it has sent the signal, so the program may have ended the line before.
    expect(screen.replace('^C', '')).toMatch(/[^\n]\n\nstopped after \d+ words\n$/);
    expect(screen).toContain(request.text.slice(0, 30));
  });

  it('closes the socket of a server that is silent, though the process goes on', async () => {
    slow.script(STALLED);
    const running = run(['generate', 'A long text.'], { env: to(slow) });
    await running.shows(/(\w+ ){8}/);
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stderr: '' });
    await eventually(() => slow.requests[0]!.closedAt !== undefined);
    expect(slow.requests[0]).toMatchObject({ outcome: 'cancelled' });
  });

  it('keeps the text beside the output file', async () => {
    slow.script(STALLED);
    const folder = aFolder();
    const kept = () => readFileSync(join(folder, 'text.txt.partial'), 'utf8');
    const running = run(['generate', '-o', 'text.txt', 'A long text.'], { env: to(slow), folder });
    await eventually(() => slow.requests.length > 0 && kept().length > 50);
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({
      code: 130,
      stdout: '',
      stderr: 'scriptorium: text.txt is as it was; the text so far is in text.txt.partial\n',
    });
    expect(existsSync(join(folder, 'text.txt'))).toBe(false);
    expect(kept().length).toBeGreaterThan(50);
    expect(slow.requests[0]!.text.startsWith(kept().trimEnd())).toBe(true);
  });

  it('keeps the text in the JSON object', async () => {
    slow.script(STALLED);
    const running = run(['generate', '--json', 'A long text.'], { env: to(slow) });
    // Far more than is expected below, since the last pieces may still be on their way.
    await eventually(() => (slow.requests[0]?.text.length ?? 0) > 100);
    running.kill('SIGINT');
    const { code, stdout } = await running.ended;
    const { error } = JSON.parse(stdout) as { error: { code: string; partial: { text: string } } };
    expect({ code, errorCode: error.code }).toEqual({ code: 130, errorCode: 'aborted' });
    expect(error.partial.text.length).toBeGreaterThan(50);
    expect(slow.requests[0]!.text.startsWith(error.partial.text)).toBe(true);
  });

  it('works while nothing has come yet, and while a retry is waited for', async () => {
    slow.script({ stall: 'before-headers' }, { status: 503, headers: { 'retry-after': '60' } });
    for (const count of [1, 2]) {
      const running = run(['generate', 'Wait.'], { env: to(slow) });
      await eventually(
        () => slow.requests.length === count && (count === 1 || slow.requests[1]!.outcome !== 'running'),
      );
      running.kill('SIGINT');
      expect(await running.ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
    }
    expect(slow.requests.map(({ outcome }) => outcome)).toEqual(['cancelled', 'faulted']);
  });

  it('by a reader who leaves is no error, spares the rest of the text, and is counted', async () => {
    const plugin = `import { writeFileSync } from 'node:fs';
      const stats = [];
      const sink = { name: 'ledger', record: (stat) => stats.push(stat), close: () => writeFileSync('ledger.json', JSON.stringify(stats)) };
      export default { name: 'ledger', id: 'ledger', apiVersion: 1, dependsOn: [], options: {}, config: {}, setup: (host) => host.addStatSink(sink) };`;
    const folder = aFolder({ 'ledger.mjs': plugin, 'scriptorium.config.json': { load: ['./ledger.mjs'] } });
    const running = start(['generate', 'A long text.'], { env: to(slow), folder });
    await eventually(() => running.stdout().length > 20);
    running.child.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    await eventually(() => slow.requests[0]?.outcome === 'cancelled');
    const stats = JSON.parse(readFileSync(join(folder, 'ledger.json'), 'utf8')) as { type: string; outcome: string }[];
    expect(stats.at(-1)).toMatchObject({ type: 'generation-end', outcome: 'cancelled' });
  });

  it('by a reader who leaves ends other commands as well', async () => {
    const running = start(['demo', '--seconds', '2']);
    await running.shows('storm');
    running.child.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
