import { describe, expect, it } from '@jest/globals';
import { Observable } from 'rxjs';
import { tokens } from 'scriptorium';
import type { GenerationEvent, PipelineOptions } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { anEnd } from '../../support/an-end.js';
import { inWorld } from '../../support/simulated-scene.js';
import { FAULTS, faultyPart, TREATMENTS } from './faulty-parts.js';
import type { ObservingPart, Weather } from './faulty-parts.js';

const PIECES = ['Once upon ', 'a time.'];
const END = anEnd({ costUsd: 0.25 });

/** A provider that answers in three steps of ten milliseconds. After the first one the weather turns. */
const mine = (weather: Weather): Plugin =>
  definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) =>
      host.addProvider({
        id: 'mine',
        limitKeys: () => [
          { key: 'mine', limits: { requestsPerMinute: 60 }, dayQuota: () => Promise.resolve(undefined) },
        ],
        generate: (_request, { clock }) =>
          new Observable((subscriber) => {
            const events = [...PIECES.map((delta): GenerationEvent => ({ type: 'text-delta', delta })), END];
            const cancels = events.map((event, index) =>
              clock.setTimer(10 * (index + 1), () => {
                subscriber.next(event);
                if (index === 0) weather.isFair = false;
                if (event === END) subscriber.complete();
              }),
            );
            return () => cancels.forEach((cancel) => cancel());
          }),
      }),
  });

/** Everything is switched on, and every port goes on without an answer. */
const CONFIG: PipelineOptions['config'] = {
  defaults: { model: 'm', temperature: 0 },
  cache: { enabled: true },
  concurrency: { max: 2 },
  rateLimit: { requestsPerDay: 'account' },
  budget: { processUsd: 100 },
  routing: { models: ['m', 'n'] },
  ports: { limits: { onFailure: 'open' }, spending: { onFailure: 'open' } },
};

const PARTS = Object.keys(TREATMENTS).filter((name) => TREATMENTS[name as keyof typeof TREATMENTS] === 'observes');
const CASES = (PARTS as ObservingPart[])
  // A clock that fails is replaced by the one of the system, which a world does not allow.
  .filter((part) => part !== 'CLOCK')
  .flatMap((part) =>
    Object.keys(FAULTS).flatMap((fault) => [
      { part, fault, since: 'the start', isFair: false },
      { part, fault, since: 'the first text', isFair: true },
    ]),
  );

describe('a part that observes, advises, or may be done without', () => {
  it.each(CASES)('costs no generation its text: $part $fault, from $since on', ({ part, fault, isFair }) =>
    inWorld(async (world) => {
      const weather: Weather = { isFair, fault: FAULTS[fault] ?? (() => undefined) };
      const warnings: string[] = [];
      const process = await world.process('writer', {
        plugins: [mine(weather)],
        config: CONFIG,
        register: (container) => {
          if (part !== 'LOGGER') {
            const warn = (message: string): void => void warnings.push(message);
            container.register(tokens.LOGGER, { useValue: { debug: warn, info: () => undefined, warn, error: warn } });
          }
          const clock = container.resolve(tokens.CLOCK);
          const useValue = faultyPart(part, clock, weather);
          container.register<unknown>(tokens[part], { useValue });
        },
      });
      for (const prompt of ['Begin.', 'Begin again.']) {
        const { text, attempts } = await process.pipeline.generate({ prompt, model: 'fastest' });
        expect({ text, attempts: attempts.length }).toEqual({ text: PIECES.join(''), attempts: 1 });
      }
      await process.pipeline.dispose().catch(() => undefined);
      // One line for each kind of fault, however often it comes.
      expect(warnings).toEqual([...new Set(warnings)]);
    })(),
  );
});
