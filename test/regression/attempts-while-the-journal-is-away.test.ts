import { expect, it } from '@jest/globals';
import { ApiError } from 'scriptorium';
import { RunError } from 'scriptorium/plugins/runs';
import type { Journal } from 'scriptorium/plugins/runs';
import { item, RunScene, settled, text } from '../plugins/runs/engine/run-scene.js';

/** Each is long enough to be joined to what was there. */
const WORDS = [
  'Ada was born in London on the tenth of December 1815. ',
  'Her mother left the poet five weeks later and took the child to Kirkby Mallory. ',
  'Mary Somerville taught her mathematics, and Charles Babbage showed her the engine. ',
  'The notes on the sketch by Menabrea appeared in the September of 1843, and are longer than it.',
] as const;

/** Found by `npm run workers`: an attempt that began and broke off while the journal was away was never recorded. */
it('records the attempts that have ended while the journal was away, before the generation ends', async () => {
  const store = { isAway: false };
  const wrap = (journal: Journal): Journal =>
    new Proxy(journal, {
      get: (target, name: keyof Journal) => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'checkpoint') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return (...given: Parameters<Journal['checkpoint']>) =>
          store.isAway ? Promise.reject(new RunError('unavailable', 'The server stops.')) : target.checkpoint(...given);
      },
    });
  const scene = await RunScene.open({ wrap, config: { retry: { maxAttempts: 5 } } });
  scene.batch([item('a')], { leaseMs: 3_600_000 });
  await settled();
  scene.last.answer.next(text(WORDS[0]));
  await settled();
  store.isAway = true;
  for (const word of WORDS.slice(1)) {
    scene.last.answer.error(new ApiError('connection', 'The connection was reset.', { retryable: true }));
    await settled();
    while (scene.open.length === 0) await scene.advance(100);
    const { anchor = '' } = scene.last.request.continuation ?? {};
    scene.last.answer.next(text(`${anchor}${word}`));
  }
  store.isAway = false;
  await scene.advance(10_000);
  const { spans, records } = await scene.record('a');
  const recorded = records.map(({ attempt, outcome }) => `${attempt} ${outcome}`);
  expect(recorded).toEqual(scene.asked.map((_, index) => `${index + 1} running`));
  expect(spans.length).toBeGreaterThan(2);
  expect(recorded).toEqual(expect.arrayContaining(spans.map(({ attempt }) => `${attempt} running`)));
});
