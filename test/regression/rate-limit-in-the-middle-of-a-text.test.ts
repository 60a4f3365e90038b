import { describe, expect, it } from '@jest/globals';
import { aScene, success } from '../support/scene.js';
import { answers, chunk, data, delta, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';

const BEGINNING = 'Once upon a time there was an engine ';
const WHOLE = `${BEGINNING}that wove patterns.`;

/** The event of a 429 within a stream, whose reset is near. */
function slowDown(): string {
  const headers = { 'X-RateLimit-Reset': String(Date.now() + 50) };
  return data({ error: { code: 429, message: 'Rate limit exceeded.', metadata: { headers } } });
}

describe('a 429 with a known reset in the middle of a text', () => {
  it('is an interruption like any other: the text goes on, and no word comes twice', async () => {
    const broken = SSE_HEAD + chunk(delta(BEGINNING)) + chunk(slowDown()) + LAST_CHUNK;
    const { pipeline, server } = await aScene([[{ request: true }, { write: broken }], answers(WHOLE)]);
    const { text, events } = await success(pipeline, { prompt: 'Begin.' });
    const types = events.map(({ type }) => type);
    expect({ text, spliced: types.includes('continuation') || types.includes('restart') }).toEqual({
      text: WHOLE,
      spliced: true,
    });
    expect(events.filter((event) => event.type === 'retry-scheduled' && event.isFree === true)).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });
});
