import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aFolder, anEmulator, cleanUp, start, to } from './run-cli.js';

/** As fast as a person reads. */
let slow: Emulator;
beforeAll(async () => { slow = await anEmulator({ tokensPerSecond: 100, words: 2_000 }); });
afterEach(() => slow.clear());
jest.setTimeout(20_000);
afterAll(cleanUp);

describe('being stopped', () => {
  it.each([
    ['SIGINT', 130], ['SIGTERM', 143],
  ] as const)('by %s keeps the text so far, closes the socket within 50 ms, and exits with %i', async (signal, code) => {
    const running = start(['generate', 'A long text.'], { env: to(slow) });
    await eventually(() => running.stdout().split(' ').length > 8, 10_000);
    const stoppedAt = Date.now();
    running.child.kill(signal);
    const ended = await running.ended;
    const [request] = slow.requests;
    expect(ended).toMatchObject({ code, signal: null, stderr: '' });
    expect(request).toMatchObject({ outcome: 'cancelled' });
    expect(request!.closedAt! - stoppedAt).toBeLessThan(50);
    expect(ended.stdout.endsWith('\n')).toBe(true);
    expect(request!.text.startsWith(ended.stdout.slice(0, -1))).toBe(true);
    expect(ended.stdout.split(' ').length).toBeGreaterThan(8);
  });

  it('keeps the text in the output file', async () => {
    const folder = aFolder();
    const running = start(['generate', '-o', 'text.txt', 'A long text.'], { env: to(slow), folder });
    await eventually(() => (slow.requests[0]?.text.length ?? 0) > 60, 10_000);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
    const kept = readFileSync(join(folder, 'text.txt'), 'utf8');
    expect(kept.length).toBeGreaterThan(50);
    expect(slow.requests[0]!.text.startsWith(kept.trimEnd())).toBe(true);
  });

  it('keeps the text in the JSON object', async () => {
    const running = start(['generate', '--json', 'A long text.'], { env: to(slow) });
    await eventually(() => (slow.requests[0]?.text.length ?? 0) > 60, 10_000);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    const { error } = JSON.parse(stdout) as { error: { code: string; partial: { text: string } } };
    expect({ code, errorCode: error.code }).toEqual({ code: 130, errorCode: 'aborted' });
    expect(error.partial.text.length).toBeGreaterThan(50);
    expect(slow.requests[0]!.text.startsWith(error.partial.text)).toBe(true);
  });

  it('works while nothing has come yet, and while a retry is waited for', async () => {
    slow.script({ stall: 'before-headers' }, { status: 503, headers: { 'retry-after': '60' } });
    for (const count of [1, 2]) {
      const running = start(['generate', 'Wait.'], { env: to(slow) });
      await eventually(() => slow.requests.length === count && (count === 1 || slow.requests[1]!.outcome !== 'running'), 10_000);
      running.child.kill('SIGINT');
      expect(await running.ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
    }
    expect(slow.requests.map(({ outcome }) => outcome)).toEqual(['cancelled', 'faulted']);
  });

  it('by a reader who leaves is no error, and spares the rest of the text', async () => {
    const running = start(['generate', 'A long text.'], { env: to(slow) });
    await eventually(() => running.stdout().length > 20, 10_000);
    running.child.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(slow.requests[0]).toMatchObject({ outcome: 'cancelled' });
  });
});
