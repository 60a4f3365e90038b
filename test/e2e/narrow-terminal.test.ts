import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { hasTerminals, inTerminal } from './in-terminal.js';
import { aFolder, anEmulator, cleanUp } from './run-cli.js';

afterAll(cleanUp);

(hasTerminals ? describe : describe.skip)('a terminal', () => {
  it.concurrent.each([
    [0, 80],
    [20, 20],
    [80, 80],
  ])('of %i columns gets lines of at most %i, and all words', async (columns, most) => {
    const emulator = await anEmulator({ tokensPerSecond: 400, words: 60 });
    const { code, screen } = await inTerminal(emulator, ['--quiet', 'Begin.'], { columns }).ended;
    expect(code).toBe(0);
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(most);
    expect(screen.split(/\s+/)).toEqual(emulator.requests[0]!.text.concat('\n').split(/\s+/));
  });

  it.concurrent('of 0 columns is no endless work, and heeds Ctrl-C', async () => {
    const emulator = await anEmulator();
    emulator.script({ stall: { afterDeltas: 20 } });
    const folder = aFolder();
    const { child, ended } = inTerminal(emulator, ['--output', 'text.txt', 'Begin.'], { folder, columns: 0 });
    const partial = join(folder, 'text.txt.partial');
    await eventually(() => readdirSync(folder).length > 0 && readFileSync(partial, 'utf8').length > 30);
    child.stdin.write('\u0003');
    const { code, screen } = await ended;
    expect(code).toBe(130);
    expect(screen).toContain('the text so far is in text.txt.partial');
  });
});
