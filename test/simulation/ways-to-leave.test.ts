import { describe, expect, it } from '@jest/globals';
import { Observable } from 'rxjs';
import type { Subscription } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent, GenerationInput, Pipeline, Run, Stat } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import type { World } from 'scriptorium/testing';
import { anEnd } from '../support/an-end.js';
import { inWorld } from '../support/simulated-scene.js';
import { stopped } from '../support/simulated-writer.js';
import { MOMENTS } from './ways-to-leave.js';
import type { Moment } from './ways-to-leave.js';

const END = anEnd();
const EVENTS: readonly GenerationEvent[] = [
  { type: 'text-delta', delta: 'One. ' },
  { type: 'text-delta', delta: 'Two.' },
  END,
];

/** One generation, and what becomes of it. */
interface Scene {
  readonly pipeline: Pipeline;
  readonly input: GenerationInput;
  readonly controller: AbortController;
  readonly ending: Promise<unknown>[];
  /** Sees the events as far as the way to generate shows them. */
  readonly see: (event: GenerationEvent) => void;
  text: string;
  /** `value`, the code of an error, or silence. */
  outcomes: string[];
  partial: string | undefined;
}

/** The ways to generate, each with what ends it from outside. They settle by themselves otherwise. */
const WAYS: Readonly<Record<string, (scene: Scene) => () => void>> = {
  'stream() and unsubscribe': (scene) => {
    const subscription: Subscription = scene.pipeline.stream(scene.input).subscribe({
      next: (event) => {
        take(scene, event);
      },
      error: (error: unknown) => failed(scene, error),
      complete: () => scene.outcomes.push('value'),
    });
    return () => subscription.unsubscribe();
  },
  'iterate() and return': (scene) => {
    const events = scene.pipeline.iterate(scene.input);
    void (async () => {
      let hasEnd = false;
      for (let step = await events.next(); step.done !== true; step = await events.next()) {
        take(scene, step.value);
        hasEnd ||= step.value.type === 'generation-end';
      }
      if (hasEnd) scene.outcomes.push('value');
    })().catch((error: unknown) => failed(scene, error));
    return () => void events.return(undefined);
  },
  'generate() and abort': (scene) => {
    settle(scene, scene.pipeline.generate(scene.input));
    return () => scene.controller.abort();
  },
  'text() and abort': (scene) => {
    const reading = scene.pipeline.text(scene.input).forEach((piece) => {
      scene.text += piece;
    });
    reading.then(
      () => scene.outcomes.push('value'),
      (error: unknown) => failed(scene, error),
    );
    return () => scene.controller.abort();
  },
  'start() and cancel': (scene) => {
    const run: Run = scene.pipeline.start(scene.input);
    run.events.subscribe({ next: (event) => scene.see(event), error: () => undefined });
    settle(scene, run.result);
    return () => run.cancel();
  },
  'generate() and dispose': (scene) => {
    settle(scene, scene.pipeline.generate(scene.input));
    return () => scene.ending.push(scene.pipeline.dispose());
  },
  'generate() and drain': (scene) => {
    settle(scene, scene.pipeline.generate(scene.input));
    return () => scene.ending.push(scene.pipeline.drain(0));
  },
};

function settle(scene: Scene, result: Promise<{ readonly text: string }>): void {
  result.then(
    ({ text }) => {
      scene.text = text;
      scene.outcomes.push('value');
    },
    (error: unknown) => failed(scene, error),
  );
}

function take(scene: Scene, event: GenerationEvent): void {
  if (event.type === 'text-delta') scene.text += event.delta;
  scene.see(event);
}

function failed(scene: Scene, error: unknown): void {
  scene.outcomes.push(GenerationError.is(error) ? error.code : String(error));
  scene.partial = GenerationError.is(error) ? (error.partial?.text ?? '') : undefined;
}

/** A provider whose events come every ten milliseconds. */
const mine = (moment: Moment, record: (stat: Stat) => void): Plugin =>
  definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) => {
      host.addStatSink({ name: 'mine', record });
      host.addProvider({
        id: 'mine',
        limitKeys: () => [{ key: 'mine', limits: {} }],
        generate: () =>
          new Observable((subscriber) => {
            const count = { hangs: 0, 'hangs-after-text': 1, fails: 0, 'to-its-end': 3 }[
              moment.provider ?? 'to-its-end'
            ];
            const cancels = EVENTS.slice(0, count).map((event, index) =>
              host.clock.setTimer(10 * (index + 1), () => {
                subscriber.next(event);
                if (event === END) subscriber.complete();
              }),
            );
            if (moment.provider === 'fails')
              cancels.push(
                host.clock.setTimer(10, () =>
                  subscriber.error(new GenerationError('server-error', 'away', { retryable: true })),
                ),
              );
            return () => cancels.forEach((cancel) => cancel());
          }),
      });
    },
  });

async function leaving(world: World, moment: Moment, way: (scene: Scene) => () => void) {
  const stats: Stat[] = [];
  let leave = (): void => undefined;
  let hasLeft = false;
  const leaveOnce = (): void => {
    if (hasLeft) return;
    hasLeft = true;
    leave();
  };
  const record = (stat: Stat): void => {
    stats.push(stat);
    if (moment.whileRecording?.(stat) === true) leaveOnce();
  };
  const process = await world.process('writer', {
    plugins: [mine(moment, record)],
    config: { defaults: { model: 'm', temperature: 0 }, concurrency: { max: 1 }, ...moment.config },
    ...(moment.register && { register: moment.register }),
  });
  const { pipeline } = process;
  const controller = new AbortController();
  const scene: Scene = {
    pipeline,
    input: { prompt: 'Begin.', signal: controller.signal },
    controller,
    ending: [],
    see: (event) => {
      if (moment.at?.(event) === true) leaveOnce();
    },
    text: '',
    outcomes: [],
    partial: undefined,
  };
  // Where a way shows no events, all generations of the pipeline do.
  if (moment.at !== undefined)
    pipeline.generations$.subscribe(({ event }) => {
      if (event.type !== 'generation-failed' && event.type !== 'generation-cancelled') scene.see(event);
    });
  if (moment.afterMs === -1) controller.abort();
  leave = way(scene);
  await world.sleep(Math.max(moment.afterMs ?? 0, 0));
  if (moment.afterMs !== undefined && moment.afterMs >= 0) leaveOnce();
  await world.sleep(100);
  await Promise.all(scene.ending);
  // The time limit of a question runs on without its asker, so that a lease that comes late is given back.
  await world.sleep(20_000);
  await stopped(world, process);
  expect(process.leases).toBe(0);
  return { scene, stats };
}

const CASES = Object.keys(MOMENTS).flatMap((moment) => Object.keys(WAYS).map((way) => ({ moment, way })));

describe('a generation that is left', () => {
  it.each(CASES)('has one outcome, and its stat says the same: $way $moment', ({ moment: name, way }) =>
    inWorld(async (world) => {
      const moment = MOMENTS[name];
      const start = WAYS[way];
      if (moment === undefined || start === undefined) throw new Error('no such case');
      const { scene, stats } = await leaving(world, moment, start);
      const ends = stats.filter((stat) => stat.type === 'generation-end');
      // A drain without any time still takes one turn, in which the end comes.
      const isOver = moment.isOver === true || (way.includes('drain') && moment.whileRecording !== undefined);
      const isSilent = /unsubscribe|return/.test(way) && moment.afterMs !== -1;
      const isSeen = scene.outcomes.length > 0;
      // Who leaves in silence sees no outcome, but what had been recorded by then.
      const outcome = isOver ? 'value' : isSilent ? undefined : 'aborted';
      expect(scene.outcomes).toEqual(outcome === undefined || (isSilent && !isSeen) ? [] : [outcome]);
      expect(ends.map((stat) => stat.outcome)).toEqual([isOver ? 'success' : 'cancelled']);
      expect(ends[0]?.attempts).toBe(stats.filter((stat) => stat.type === 'attempt-end').length);
      if (outcome === 'aborted') expect(scene.partial).toBe(moment.text);
      if (outcome === 'value' && !isSilent) expect(scene.text).toBe('One. Two.');
    })(),
  );
});
