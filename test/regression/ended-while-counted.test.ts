import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import type { GenerationInput, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { textOf } from '../support/pipelines.js';
import { aScene } from '../support/scene.js';
import { answers } from '../support/wire.js';

const TEXT = 'A whole, paid text.';

/** The text of a generation by each way to get it. Fails if its end does not arrive. */
const WAYS: Readonly<Record<string, (pipeline: Pipeline, input: GenerationInput) => Promise<string>>> = {
  generate: async (pipeline, input) => (await pipeline.generate(input)).text,
  start: async (pipeline, input) => (await pipeline.start(input).result).text,
  text: async (pipeline, input) => (await lastValueFrom(pipeline.text(input).pipe(toArray()))).join(''),
  stream: async (pipeline, input) => whole(await lastValueFrom(pipeline.stream(input).pipe(toArray()))),
  iterate: async (pipeline, input) => {
    const events = [];
    for await (const event of pipeline.iterate(input)) events.push(event);
    return whole(events);
  },
};

function whole(events: Parameters<typeof textOf>[0]): string {
  expect(events.at(-1)?.type).toBe('generation-end');
  return textOf(events);
}

describe('a generation that is ended while its record is written', () => {
  it.each(Object.keys(WAYS).flatMap((way) => [[way, 'abort'] as const, [way, 'dispose'] as const]))(
    'keeps its paid text: %s(), %s',
    async (way, how) => {
      const controller = new AbortController();
      const ending: Promise<void>[] = [];
      const end = (): void => {
        if (how === 'abort') controller.abort();
        else ending.push(pipeline.dispose());
      };
      const stopper = definePlugin({
        name: 'stopper',
        apiVersion: 1,
        setup: (host) => {
          host.addStatSink({ name: 'stopper', record: ({ type }) => (type === 'generation-end' ? end() : undefined) });
        },
      });
      const { pipeline, sink } = await aScene([answers(TEXT)], { plugins: [stopper] });
      expect(await WAYS[way]?.(pipeline, { prompt: 'Begin.', signal: controller.signal })).toBe(TEXT);
      await Promise.all(ending);
      expect(sink.generations).toMatchObject([{ outcome: 'success' }]);
    },
  );
});
