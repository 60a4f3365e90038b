import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aFolder, anEmulator, cleanUp, CLI, to } from './run-cli.js';

/** util-linux's `script` gives a program a terminal. Elsewhere (macOS has another one of that name) these tests are left out. */
const version = spawnSync('script', ['--version'], { encoding: 'utf8' }).output as readonly (string | null)[] | null;
const hasTerminals = version?.some((text) => text?.includes('util-linux')) === true;

let emulator: Emulator;
beforeAll(async () => { emulator = await anEmulator({ tokensPerSecond: 100, words: 40 }); });
afterEach(() => emulator.clear());
jest.setTimeout(20_000);
afterAll(cleanUp);

/** Runs `generate` in a terminal of its own; what is written to its `stdin` is typed there. */
function inTerminal(args: readonly string[], { env = {}, folder = aFolder() }: { env?: Record<string, string>; folder?: string } = {}) {
  const command = [process.execPath, CLI, 'generate', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 80; exec ${command}`, '/dev/null'], { cwd: folder, env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...to(emulator), ...env }, timeout: 15_000 });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { screen += text; });
  const ended = new Promise<{ code: number | null; screen: string }>((resolve) => child.on('close', (code) => resolve({ code, screen: plain(screen) })));
  return { child, screen: () => plain(screen), ended };
}

/** Without colours and cursor movements; a line that was drawn anew stands there again. */
const plain = (screen: string): string => screen.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r\n', '\n').replaceAll('\r', '\n');

(hasTerminals ? describe : describe.skip)('in a terminal', () => {
  it('a spinner turns until the first word, then the text comes, then a summary', async () => {
    emulator.script({ delayMs: 300 });
    const { ended } = inTerminal(['Begin.']);
    const { code, screen } = await ended;
    const [{ text, usage, cost }] = emulator.requests as [Emulator['requests'][number]];
    expect(code).toBe(0);
    expect(screen.indexOf('waiting for the first word of scriptorium/exact')).toBeGreaterThanOrEqual(0);
    const afterText = screen.slice(screen.indexOf(text) + text.length);
    expect(screen.indexOf(text)).toBeGreaterThan(screen.lastIndexOf('waiting for'));
    expect(afterText).toMatch(/^\n\n\d+ words, \d+ \+ \d+ tokens, \d+ tokens\/s, \$[\d.]+, [\d.]+ s\nscriptorium\/exact\n$|^\n\n.*, scriptorium\/exact\n$/);
    expect(afterText).toContain(`${text.trim().split(/\s+/).length} words, ${usage!.prompt_tokens} + ${usage!.completion_tokens} tokens`);
    expect(afterText).toContain(`$${cost.toFixed(6)}`);
  });

  it('words are counted where the text goes into a file', async () => {
    const folder = aFolder();
    const { code, screen } = await inTerminal(['--output', 'text.txt', 'Begin.'], { folder }).ended;
    expect(code).toBe(0);
    expect(screen).toMatch(/\d+ words, \d+ tokens\/s/);
    expect(screen).not.toContain(emulator.requests[0]!.text.slice(0, 30));
    expect(readFileSync(join(folder, 'text.txt'), 'utf8').trimEnd()).toBe(emulator.requests[0]!.text.trimEnd());
  });

  it('a retry says why, and when', async () => {
    emulator.script({ status: 429, headers: { 'retry-after': '1' } }, undefined);
    const { code, screen } = await inTerminal(['Begin.']).ended;
    expect(code).toBe(0);
    expect(screen).toMatch(/rate limit is reached; trying again in [12] s/);
    expect(screen).toContain('2 attempts');
    expect(screen).not.toContain('generationId');
  });

  it('Ctrl-C keeps the text, tells how much it is, and closes the socket within 50 ms', async () => {
    const { child, ended } = inTerminal(['A long text.']);
    await eventually(() => (emulator.requests[0]?.text.length ?? 0) > 40, 10_000);
    const typedAt = Date.now();
    child.stdin.write('\u0003');
    const { code, screen } = await ended;
    expect(code).toBe(130);
    expect(emulator.requests[0]).toMatchObject({ outcome: 'cancelled' });
    expect(emulator.requests[0]!.closedAt! - typedAt).toBeLessThan(50);
    expect(screen).toMatch(/\^C[^\n]*\n\nstopped after \d+ words\n$/);
    expect(screen).toContain(emulator.requests[0]!.text.slice(0, 30));
  });

  it('an error begins on a line of its own, after the text so far', async () => {
    emulator.script({ reset: { afterDeltas: 10 } });
    const { code, screen } = await inTerminal(['Begin.']).ended;
    expect(code).toBe(1);
    expect(screen).toMatch(/[^\n]\nscriptorium: The answer broke off before its end: .*\n$/);
  });

  it('--quiet shows the text alone', async () => {
    const { code, screen } = await inTerminal(['--quiet', 'Begin.']).ended;
    expect({ code, screen }).toEqual({ code: 0, screen: `${emulator.requests[0]!.text.trimEnd()}\n` });
  });
});
