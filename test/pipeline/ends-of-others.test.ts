import { describe, expect, it } from '@jest/globals';
import { Observable, of } from 'rxjs';
import { tokens } from 'scriptorium';
import type { GenerationEvent, GenerationInput } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import type { World } from 'scriptorium/testing';
import { anEnd } from '../support/an-end.js';
import { failureOf } from '../support/pipelines.js';
import { inWorld } from '../support/simulated-scene.js';
import { aPlugin } from '../plugins/a-plugin.js';

const END = anEnd();
const TEXT = '{"name":"Pequod"}';
const whole = of<GenerationEvent[]>({ type: 'text-delta', delta: TEXT }, END);

const mine = (answer: Observable<GenerationEvent> = whole): Plugin =>
  definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) => host.addProvider({ id: 'mine', generate: () => answer }),
  });

async function scene(world: World, plugins: readonly Plugin[], config = {}) {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger = { debug: () => undefined, info: () => undefined, warn, error: warn };
  const { pipeline } = await world.process('writer', {
    plugins,
    config: { defaults: { model: 'm' }, ...config },
    register: (container) => container.register(tokens.LOGGER, { useValue: logger }),
  });
  return { pipeline, warnings };
}

const hangs = (): Promise<never> => new Promise(() => undefined);

describe('dispose()', () => {
  it(
    'is not held by a plugin that hangs, and a warning names it',
    inWorld(async (world) => {
      const others: string[] = [];
      const { pipeline, warnings } = await scene(world, [
        mine(),
        aPlugin('tidy', (host) => host.onDispose(() => void others.push('closed'))),
        aPlugin('stuck', (host) => host.onDispose(hangs)),
      ]);
      const begunAt = world.elapsedMs;
      const error = await pipeline.dispose().catch((reason: unknown) => reason);
      expect({ ms: world.elapsedMs - begunAt, others, warnings }).toEqual({
        ms: 5_000,
        others: ['closed'],
        warnings: ['cannot close plugin "stuck": plugin "stuck" did not close within 5 s'],
      });
      expect(error).toBeInstanceOf(AggregateError);
    }),
  );

  it(
    'is bounded however many plugins and sinks hang',
    inWorld(async (world) => {
      const stuck = Array.from({ length: 30 }, (_, index) =>
        aPlugin(`stuck-${index}`, (host) => {
          host.onDispose(hangs);
          host.addStatSink({ name: `stuck-${index}`, record: () => undefined, flush: hangs, close: hangs });
        }),
      );
      const { pipeline, warnings } = await scene(world, [mine(), ...stuck]);
      const begunAt = world.elapsedMs;
      await pipeline.dispose().catch(() => undefined);
      expect(world.elapsedMs - begunAt).toBeLessThanOrEqual(80_000);
      for (let index = 0; index < 30; index += 1)
        expect(warnings.filter((line) => line.includes(`plugin "stuck-${index}" did not close`))).toHaveLength(1);
    }),
  );
});

describe('an object whose schema hangs', () => {
  const schema = { '~standard': { version: 1, vendor: 'mine', validate: hangs } } as const;
  const input = { prompt: 'Which ship?', schema };

  it.each<[string, GenerationInput, string]>([
    ['the signal', {}, 'aborted'],
    ['dispose()', {}, 'aborted'],
    ['the deadline', { deadlineMs: 1_000 }, 'timeout'],
  ])('is ended by %s, and the error has the paid text', (how, more, code) =>
    inWorld(async (world) => {
      const { pipeline } = await scene(world, [mine()]);
      const controller = new AbortController();
      const result = failureOf(pipeline.generateObject({ ...input, ...more, signal: controller.signal }));
      await world.sleep(100);
      if (how === 'the signal') controller.abort();
      if (how === 'dispose()') await pipeline.dispose();
      expect(await result).toMatchObject({ code, partial: { text: TEXT }, attempts: [{ usage: { inputTokens: 7 } }] });
    })(),
  );
});

describe('a generator of events', () => {
  it(
    'is ended by throw() while it waits for an event',
    inWorld(async (world) => {
      let running = 0;
      const silent = new Observable<GenerationEvent>(() => {
        running += 1;
        return () => (running -= 1);
      });
      const { pipeline } = await scene(world, [mine(silent)]);
      const events = pipeline.iterate({ prompt: 'Begin.' });
      expect((await events.next()).value).toMatchObject({ type: 'attempt-start' });
      const waiting = events.next();
      expect(running).toBe(1);
      await expect(events.throw(new Error('enough'))).rejects.toThrow('enough');
      expect({ next: await waiting, running }).toEqual({ next: { done: true, value: undefined }, running: 0 });
      expect(pipeline.stats()).toMatchObject({ cancelled: 1 });
    }),
  );
});

describe('a part of a paid answer', () => {
  it(
    'is not lost where the request cannot be a key of the cache',
    inWorld(async (world) => {
      const { pipeline, warnings } = await scene(world, [mine()], { cache: { enabled: true, sampled: true } });
      const trace = {
        toJSON: () => {
          throw new Error('not to be written');
        },
      };
      const providerOptions = { mine: { trace } };
      expect((await pipeline.generate({ prompt: 'Begin.', providerOptions })).text).toBe(TEXT);
      expect(warnings).toEqual([expect.stringContaining('so the cache was not asked')]);
    }),
  );

  it(
    'is in the error where the provider cannot say how its model continues a text',
    inWorld(async (world) => {
      const broken = new Observable<GenerationEvent>((subscriber) => {
        subscriber.next({ type: 'text-delta', delta: 'Once upon ' });
        subscriber.error(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      });
      const capable = definePlugin({
        name: 'mine',
        apiVersion: 1,
        setup: (host) =>
          host.addProvider({
            id: 'mine',
            capabilities: () => {
              throw new Error('no catalogue');
            },
            generate: () => broken,
          }),
      });
      const { pipeline, warnings } = await scene(world, [capable]);
      const error = await failureOf(pipeline.text({ prompt: 'Begin.' }).forEach(() => undefined));
      expect(error).toMatchObject({ code: 'interrupted', partial: { text: 'Once upon ' } });
      expect(warnings.filter((line) => line.includes('threw in capabilities()'))).toHaveLength(1);
    }),
  );
});
