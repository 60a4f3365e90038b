import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { hasTerminals, inTerminal } from './in-terminal.js';
import { aFolder, anEmulator, cleanUp } from './run-cli.js';

afterAll(cleanUp);

/** Slow enough for words to be counted. */
const aSlowEmulator = () => anEmulator({ tokensPerSecond: 100, words: 40 });

(hasTerminals ? describe : describe.skip)('in a terminal', () => {
  it.concurrent('a spinner turns until the first word, then the text comes, then a summary', async () => {
    const emulator = await aSlowEmulator();
    emulator.script({ delayMs: 300 });
    const { ended } = inTerminal(emulator, ['Begin.']);
    const { code, screen } = await ended;
    const [{ text, usage, cost }] = emulator.requests as [Emulator['requests'][number]];
    expect(code).toBe(0);
    expect(screen.indexOf('waiting for the first word of scriptorium/exact')).toBeGreaterThanOrEqual(0);
    const afterText = screen.slice(screen.indexOf(text) + text.length);
    expect(screen.indexOf(text)).toBeGreaterThan(screen.lastIndexOf('waiting for'));
    expect(afterText).toMatch(
      /^\n\n\d+ words, \d+ \+ \d+ tokens, \d+ tokens\/s, \$[\d.]+, [\d.]+ s\nscriptorium\/exact\n$|^\n\n.*, scriptorium\/exact\n$/,
    );
    expect(afterText).toContain(
      `${text.trim().split(/\s+/).length} words, ${usage!.prompt_tokens} + ${usage!.completion_tokens} tokens`,
    );
    expect(afterText).toContain(`$${cost.toFixed(6)}`);
  });

  it.concurrent('words are counted where the text goes into a file', async () => {
    const emulator = await aSlowEmulator();
    const folder = aFolder();
    const { code, screen } = await inTerminal(emulator, ['--output', 'text.txt', 'Begin.'], { folder }).ended;
    expect(code).toBe(0);
    // The line that moves; how fast the words come stands in it only once there is enough to tell by.
    expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+ words/);
    expect(screen).toMatch(/\d+ tokens\/s, \$/);
    expect(screen).not.toContain(emulator.requests[0]!.text.slice(0, 30));
    expect(readFileSync(join(folder, 'text.txt'), 'utf8').trimEnd()).toBe(emulator.requests[0]!.text.trimEnd());
  });

  it.concurrent('a retry says why, and when', async () => {
    const emulator = await aSlowEmulator();
    emulator.script({ status: 429, headers: { 'retry-after': '1' } }, undefined);
    const { code, screen } = await inTerminal(emulator, ['Begin.']).ended;
    expect(code).toBe(0);
    expect(screen).toMatch(/the provider's limit is reached, [12] s to go/);
    expect(screen).toContain('2 attempts');
    expect(screen).not.toContain('generationId');
  });

  it.concurrent('an error begins on a line of its own, after the text so far', async () => {
    const emulator = await aSlowEmulator();
    emulator.script({ reset: { afterDeltas: 10 } });
    const { code, screen } = await inTerminal(emulator, ['Begin.'], {
      folder: aFolder({ 'scriptorium.config.json': { continuity: { onBreak: 'fail' } } }),
    }).ended;
    expect(code).toBe(1);
    expect(screen).toMatch(/[^\n]\nscriptorium: The answer broke off before its end: .*\n$/);
  });

  it.concurrent(
    'a text that breaks off is resumed, and stands there whole but for a mark where it was joined',
    async () => {
      const emulator = await aSlowEmulator();
      emulator.script({ reset: { afterDeltas: 20 } });
      const { code, screen } = await inTerminal(emulator, ['Begin.']).ended;
      expect(code).toBe(0);
      const text = emulator
        .textFor({ model: 'scriptorium/exact', messages: [{ role: 'user', content: 'Begin.' }] })
        .trimEnd();
      const [broken, resumed] = emulator.requests as [Emulator['requests'][number], Emulator['requests'][number]];
      expect(text.startsWith(broken.text) && text.endsWith(resumed.text.trimEnd())).toBe(true);
      const page = `${broken.text}[…]${text.slice(broken.text.length)}`;
      expect(screen).toContain(page);
      expect(screen.slice(screen.indexOf(page) + page.length)).toMatch(/^\n\n\d+ words, .*2 attempts.*\n?.*2 segments/);
    },
  );

  it.concurrent('--quiet shows the text alone', async () => {
    const emulator = await aSlowEmulator();
    const { code, screen } = await inTerminal(emulator, ['--quiet', 'Begin.']).ended;
    expect({ code, screen }).toEqual({ code: 0, screen: `${emulator.requests[0]!.text.trimEnd()}\n` });
  });
});
