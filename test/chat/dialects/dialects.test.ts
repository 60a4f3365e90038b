import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PRESET_NAMES } from '../../../plugins/openai-compatible/presets.js';
import { runs } from '../../support/runs.js';
import { ENDING_WORDS } from './endings.js';
import type { Fixture } from './fixture.js';
import { readerOf } from './read-fixture.js';
import { FIXTURES, nameOf } from './table.js';

const NOTHING = { text: '', thought: '', calls: [], details: [], annotations: [], images: [], failure: '' };
const ROWS = FIXTURES.map((fixture): [string, Fixture] => [`${nameOf(fixture)}: ${fixture.title}`, fixture]);

/** Cuts bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const cuts = [0, ...new Set(places.map((place) => place % bytes.length).toSorted((a, b) => a - b)), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

describe('an answer in the words of its server', () => {
  it.each(ROWS)('%s', async (_, fixture) => {
    const read = await readerOf(fixture);
    expect(await read([Buffer.from(fixture.body)])).toMatchObject({ ...NOTHING, ...fixture.outcome });
  });

  it.each(ROWS)('is the same byte by byte, and in random pieces: %s', async (_, fixture) => {
    const [bytes, read] = [Buffer.from(fixture.body), await readerOf(fixture)];
    const whole = await read([bytes]);
    expect(await read(cut(bytes, [...bytes.keys()]))).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), async (places) => {
        expect(await read(cut(bytes, places))).toEqual(whole);
      }),
      { numRuns: runs(0.2) },
    );
  });

  it('is there of every preset, of OpenRouter and of Anthropic', () => {
    const servers = new Set(FIXTURES.map(({ server }) => server));
    expect([...PRESET_NAMES, 'openrouter', 'anthropic'].filter((name) => !servers.has(name as never))).toEqual([]);
  });
});

describe('an answer ends', () => {
  it.each(ENDING_WORDS)('for %s with %s, which means %s', async (...[, , meaning, fixture]) => {
    const { failure, ...outcome } = await (await readerOf(fixture))([Buffer.from(fixture.body)]);
    expect(outcome).toMatchObject(fixture.outcome);
    expect(failure !== '').toBe(meaning === 'error');
  });
});
