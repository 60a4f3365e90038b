import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';

let emulator: Emulator;
const environment = { ...process.env };

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, { OPENROUTER_BASE_URL: emulator.url, OPENROUTER_API_KEY: 'k', OPENROUTER_MODEL: 'scriptorium/exact', SCRIPTORIUM_LOGGING_LEVEL: 'silent' });
});
afterAll(async () => {
  process.env = environment;
  await emulator.close();
});

/** Runs an example, which is a program, and gives what it prints. */
async function run(example: string): Promise<string> {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
  await import(`../../docs/examples/${example}`).finally(() => log.mockRestore());
  return lines.join('\n');
}

describe('the examples of the documentation', () => {
  it('streaming.ts reads a generation in every way', async () => {
    const printed = await run('streaming.ts');
    expect(printed).toContain('whole: ');
    expect(printed).toContain('cancelled so far: 1');
    expect(printed).toContain('events: attempt-start, response-metadata, text-delta, generation-end');
    expect(printed).toContain('both saw the same text');
  });

  it('add-header-and-label.ts sends its header and session, and counts under its label', async () => {
    emulator.clear();
    expect(await run('add-header-and-label.ts')).toContain('generations of ada: 1');
    expect(emulator.requests[0]?.headers['x-book']).toBe('ada');
    expect(emulator.requests[0]?.body).toMatchObject({ session_id: 'ada' });
  });

  it('moderate-while-streaming.ts stops the text and keeps what had come', async () => {
    const printed = await run('moderate-while-streaming.ts');
    expect(printed).toContain('content-filter: The text uses the word " the "');
    expect(printed).toMatch(/kept: \d+ characters/);
  });

  it('cache-by-your-own-rule.ts asks the server once', async () => {
    emulator.clear();
    expect(await run('cache-by-your-own-rule.ts')).toContain('first from provider, then from cache; the same text: true');
    expect(emulator.requests).toHaveLength(1);
  });

  it('biography.ts writes its chapters and tells their statistics', async () => {
    const printed = await run('biography.ts');
    expect(printed).toMatch(/^1\. .+: \d+ words$/m);
    expect(printed).toMatch(/^4\. .+: \d+ words$/m);
    expect(printed).toContain('[4] 100 words');
    expect(printed).toMatch(/^5 generations, \d+ tokens/m);
  });

  it('my-plugin.ts warns', async () => {
    expect(await run('my-plugin.ts')).toContain('warnings: 1');
  });
});

describe('the pages of the documentation', () => {
  it.each(['streaming.md', 'interceptors.md', 'plugins.md'])('%s shows its examples as they are', (name) => {
    const page = new URL(`../../docs/${name}`, import.meta.url);
    const shown = readFileSync(page, 'utf8');
    const right = shown.replaceAll(/<!-- example: (\S+) -->[^]*?<!-- \/example -->/g, (_, example: string) => {
      const program = readFileSync(new URL(`../../docs/examples/${example}`, import.meta.url), 'utf8');
      return `<!-- example: ${example} -->\n\`\`\`ts\n${program}\`\`\`\n<!-- /example -->`;
    });
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, right);
    else expect(shown).toBe(right);
    expect(right).toContain('```ts');
  });
});
