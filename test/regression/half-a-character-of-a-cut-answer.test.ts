import { expect, it } from '@jest/globals';
import { aScene, failure } from '../support/scene.js';
import { chunk, delta, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';

it('an answer cut inside a character delivers the text before it, and no U+FFFD that a later segment would have to live with', async () => {
  const half = '🌊'[0]!;
  const { pipeline } = await aScene([
    [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ') + delta(`upon${half}`)) + LAST_CHUNK }],
  ]);
  const { text, error } = await failure(pipeline);
  expect({ text, partial: error.partial?.text }).toEqual({ text: 'Once upon', partial: 'Once upon' });
});
