import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { aScene } from '../support/scene.js';
import { chunk, delta, SSE_HEAD } from '../support/wire.js';

it('leaving on the first word leaves no idle timer behind, which would keep the process alive for a minute', async () => {
  const { pipeline, clock } = await aScene([
    [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }],
  ]);
  expect(await firstValueFrom(pipeline.text({ prompt: 'Begin.' }))).toBe('Once ');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(clock.pending).toBe(0);
});
