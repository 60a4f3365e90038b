import { describe, expect, it } from '@jest/globals';
import { catchError, EMPTY, lastValueFrom, take, tap, toArray } from 'rxjs';
import type { GenerationInput, MappedResult, MapProgress } from 'scriptorium';
import { inScene, inWorld } from '../support/simulated-scene.js';
import type { SimulatedScene } from '../support/simulated-scene.js';
import { until } from '../support/simulated-writer.js';
import { acting, anInput, namesIn } from './map-scene.js';

type Body = (scene: SimulatedScene & { readonly sleep: (ms: number) => Promise<void> }) => Promise<void>;

const scene = (body: Body, config = {}) =>
  inWorld((world) =>
    inScene(world, { scripts: [acting], config }, (parts) => body({ ...parts, sleep: (ms) => world.sleep(ms) })),
  );

const texts = (results: readonly MappedResult[]): readonly string[] =>
  results.map((each) => (each.result === undefined ? each.error.code : each.result.text));

const five = ['a', 'b', 'c', 'd', 'e'].map((name) => anInput(name));

describe('map', () => {
  it(
    'emits the results in the order of the inputs, each as soon as it is its turn',
    scene(async ({ pipeline }) => {
      const inputs = [anInput('a', { afterMs: 500 }), anInput('b'), anInput('c', { afterMs: 900 }), anInput('d')];
      const endings: string[] = [];
      pipeline.generations$.subscribe(({ event }) => {
        if (event.type === 'generation-end') endings.push('an end');
      });
      const results = await lastValueFrom(
        pipeline.map(inputs, { concurrency: 2 }).pipe(
          tap(({ result }) => endings.push(result?.text ?? 'an error')),
          toArray(),
        ),
      );
      expect(results.map(({ index, input, result }) => ({ index, input, text: result?.text }))).toEqual([
        { index: 0, input: inputs[0], text: 'text a' },
        { index: 1, input: inputs[1], text: 'text b' },
        { index: 2, input: inputs[2], text: 'text c' },
        { index: 3, input: inputs[3], text: 'text d' },
      ]);
      // b and then d, which came after it in the same slot, waited for a and c.
      expect(endings).toEqual(['an end', 'an end', 'text a', 'text b', 'an end', 'an end', 'text c', 'text d']);
    }),
  );

  it(
    'sends nothing before subscription, and everything again for each one',
    scene(async ({ pipeline, server, sleep }) => {
      const mapped = pipeline.map([anInput('a'), anInput('b')], { concurrency: 2 });
      await sleep(100);
      expect(server.requests).toEqual([]);
      for (let turn = 0; turn < 2; turn += 1) await lastValueFrom(mapped);
      expect(namesIn(server.requests)).toEqual(['a', 'b', 'a', 'b']);
    }),
  );

  it(
    'never runs more than `concurrency` at once, and pulls an input only when a slot is free',
    scene(async ({ pipeline, process }) => {
      let pulled = 0;
      let ended = 0;
      let most = 0;
      pipeline.generations$.subscribe(({ event }) => {
        if (event.type === 'generation-end') ended += 1;
      });
      function* inputs(): Generator<GenerationInput> {
        for (const input of five) {
          pulled += 1;
          most = Math.max(most, pulled - ended);
          yield input;
        }
      }
      await pipeline
        .map(inputs(), { concurrency: 2 })
        .forEach(() => expect(process.connections).toBeLessThanOrEqual(2));
      expect({ pulled, ended, most }).toEqual({ pulled: 5, ended: 5, most: 2 });
    }),
  );

  it(
    'pulls an async iterable one by one',
    scene(async ({ pipeline, sleep }) => {
      let waiting = 0;
      async function* inputs(): AsyncGenerator<GenerationInput> {
        for (const input of five.slice(0, 3)) {
          waiting += 1;
          expect(waiting).toBe(1);
          await sleep(50);
          waiting -= 1;
          yield input;
        }
      }
      expect(texts(await lastValueFrom(pipeline.map(inputs(), { concurrency: 3 }).pipe(toArray())))).toEqual([
        'text a',
        'text b',
        'text c',
      ]);
    }),
  );

  it(
    'goes on after a failure, which is emitted at its turn',
    scene(async ({ pipeline }) => {
      const inputs = [anInput('a', { afterMs: 200 }), anInput('b', 'fail'), { prompt: '' }, anInput('d')];
      const results = await lastValueFrom(pipeline.map(inputs, { concurrency: 3 }).pipe(toArray()));
      expect(texts(results)).toEqual(['text a', 'bad-request', 'invalid-input', 'text d']);
    }),
  );

  it(
    'cancels all that runs when the subscriber leaves, and starts nothing more',
    scene(async ({ pipeline, process, server, sleep }) => {
      let cleanedUp = 0;
      function* inputs(): Generator<GenerationInput> {
        try {
          yield* [anInput('a'), anInput('b', 'hang'), anInput('c', 'hang'), anInput('d')];
        } finally {
          cleanedUp += 1;
        }
      }
      const results = await lastValueFrom(pipeline.map(inputs(), { concurrency: 3 }).pipe(take(1), toArray()));
      await sleep(50);
      expect({ texts: texts(results), cleanedUp, left: process.connections }).toEqual({
        texts: ['text a'],
        cleanedUp: 1,
        left: 0,
      });
      expect(namesIn(server.requests)).toEqual(['a', 'b', 'c']);
      expect(pipeline.stats()).toMatchObject({ cancelled: 2, successful: 1 });
    }),
  );

  it(
    'hands over what was written before its signal was aborted, then fails',
    scene(async ({ pipeline, sleep }) => {
      const stop = new AbortController();
      const results: MappedResult[] = [];
      const inputs = [anInput('a'), anInput('b', 'hang'), anInput('c', 'hang'), anInput('d')];
      const over = pipeline
        .map(inputs, { concurrency: 2, signal: stop.signal })
        .forEach((mapped) => void results.push(mapped));
      await sleep(200);
      stop.abort('enough');
      await expect(over).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
      expect(results.map((each) => (each.error === undefined ? each.result.text : each.error.partial?.text))).toEqual([
        'text a',
        'half b text',
        'half c text',
      ]);
    }),
  );

  it(
    'sends nothing if its signal is aborted already',
    scene(async ({ pipeline, server }) => {
      const mapped = pipeline.map(five, { concurrency: 2, signal: AbortSignal.abort() });
      await expect(lastValueFrom(mapped)).rejects.toMatchObject({ code: 'aborted' });
      expect(server.requests).toEqual([]);
    }),
  );

  it(
    'emits what is under way before it fails with an error of the inputs',
    scene(async ({ pipeline }) => {
      function* inputs(): Generator<GenerationInput> {
        yield anInput('a');
        throw new Error('no more paper');
      }
      const results: string[] = [];
      const mapped = pipeline
        .map(inputs(), { concurrency: 4 })
        .pipe(tap(({ result }) => results.push(result?.text ?? '')));
      await expect(lastValueFrom(mapped)).rejects.toThrow('no more paper');
      expect(results).toEqual(['text a']);
    }),
  );

  it(
    'reports progress: what runs, words as they come, usage and cost of all that has ended',
    scene(async ({ pipeline, process }) => {
      const reports: MapProgress[] = [];
      const onProgress = (progress: MapProgress): void => {
        reports.push(progress);
        if (reports.length === 1) throw new Error('a fault of the program');
      };
      const inputs = [anInput('a'), anInput('b', 'fail')];
      await lastValueFrom(pipeline.map(inputs, { concurrency: 1, onProgress }));
      const shown = reports.map(({ done, failed, running, words }) => ({ done, failed, running, words }));
      expect(shown).toEqual([
        { done: 0, failed: 0, running: 1, words: 0 },
        { done: 0, failed: 0, running: 1, words: 2 },
        { done: 1, failed: 0, running: 0, words: 2 },
        { done: 1, failed: 0, running: 1, words: 2 },
        { done: 1, failed: 1, running: 0, words: 2 },
      ]);
      expect(reports.at(-1)).toMatchObject({
        usage: { inputTokens: 7, outputTokens: 5 },
        cost: { known: 0.0003, estimated: 0 },
      });
      expect(process.pipeline.stats().requests).toBe(2);
    }),
  );

  it.each([
    ['concurrency', five, { concurrency: 0 }],
    ['concurrency', five, { concurrency: 1.5 }],
    ['concurrency', five, undefined],
    ['budgetUsd', five, { concurrency: 1, budgetUsd: -1 }],
    ['inputs', 'a prompt', { concurrency: 1 }],
  ])('refuses a wrong %s', (field, inputs, options) =>
    scene(async ({ pipeline }) => {
      const mapped = pipeline.map(inputs as never, options as never);
      await expect(lastValueFrom(mapped)).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining(`map: ${field} is `) as unknown,
      });
    })(),
  );

  it(
    'completes at once without inputs',
    scene(async ({ pipeline }) => {
      expect(await lastValueFrom(pipeline.map([], { concurrency: 1 }).pipe(toArray()))).toEqual([]);
    }),
  );

  it(
    'takes no further input in a drain, and emits what runs',
    scene(async ({ pipeline, server }) => {
      const results: MappedResult[] = [];
      let failure: unknown;
      const mapped = pipeline.map(five, { concurrency: 2 }).pipe(
        tap((each) => void results.push(each)),
        catchError((error: unknown) => {
          failure = error;
          return EMPTY;
        }),
      );
      mapped.subscribe();
      expect(await pipeline.drain(10_000)).toEqual({ finished: 2, aborted: 0 });
      expect({ texts: texts(results), names: namesIn(server.requests) }).toEqual({
        texts: ['text a', 'text b'],
        names: ['a', 'b'],
      });
      expect(failure).toMatchObject({ code: 'aborted' });
    }),
  );

  it(
    'ends with the pipeline, also while the inputs do not answer',
    scene(async ({ pipeline }) => {
      const silent: AsyncIterable<GenerationInput> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
      };
      const over = lastValueFrom(pipeline.map(silent, { concurrency: 1 }));
      void pipeline.dispose();
      await expect(over).rejects.toMatchObject({ code: 'aborted' });
    }),
  );
});

describe('map in a loop', () => {
  it(
    'gives the results in order, and writes at most `concurrency` texts ahead of a busy reader',
    scene(async ({ pipeline, server, sleep }) => {
      const read: string[] = [];
      for await (const { result } of pipeline.map(five, { concurrency: 2 })) {
        read.push(result?.text ?? '');
        await sleep(500);
        expect(server.requests).toHaveLength(Math.min(read.length + 2, five.length));
      }
      expect(read).toEqual(['text a', 'text b', 'text c', 'text d', 'text e']);
    }),
  );

  it(
    'keeps all slots busy while the reader waits for a slow text',
    scene(async ({ pipeline, server }) => {
      const inputs = [anInput('slow', { afterMs: 5_000 }), ...five];
      for await (const { index } of pipeline.map(inputs, { concurrency: 2 }))
        if (index === 0) expect(server.requests).toHaveLength(inputs.length);
    }),
  );

  it(
    'sends nothing before the first step, and cancels what runs when the loop is left',
    inWorld((world) =>
      inScene(world, { scripts: [acting] }, async ({ pipeline, server, process }) => {
        const inputs = [anInput('a'), anInput('b', 'hang'), anInput('c', 'hang')];
        const results = pipeline.map(inputs, { concurrency: 2 })[Symbol.asyncIterator]();
        await world.sleep(100);
        expect(server.requests).toEqual([]);
        expect(await results.next()).toMatchObject({ value: { result: { text: 'text a' } } });
        await results.return();
        await until(world, () => process.connections === 0);
        expect(pipeline.stats()).toMatchObject({ successful: 1, cancelled: 2 });
      }),
    ),
  );

  it(
    'emits all results before it fails with an aborted signal',
    scene(async ({ pipeline }) => {
      const stop = new AbortController();
      const seen: unknown[] = [];
      const read = async (): Promise<void> => {
        const mapped = pipeline.map([anInput('a'), anInput('b', 'hang'), anInput('c')], {
          concurrency: 2,
          signal: stop.signal,
        });
        for await (const each of mapped) {
          seen.push(...texts([each]));
          stop.abort();
        }
      };
      await expect(read()).rejects.toMatchObject({ code: 'aborted' });
      expect(seen).toEqual(['text a', 'aborted', 'aborted']);
    }),
  );
});
