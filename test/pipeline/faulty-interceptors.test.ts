import { describe, expect, it } from '@jest/globals';
import { Observable } from 'rxjs';
import { GenerationError, PHASES } from 'scriptorium';
import type { GenerationEvent, Phase } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { MemorySink } from 'scriptorium/testing';
import type { World } from 'scriptorium/testing';
import { anEnd } from '../support/an-end.js';
import { inWorld } from '../support/simulated-scene.js';
import { stopped } from '../support/simulated-writer.js';
import { FAULTY_INTERCEPTORS } from './faulty-interceptors.js';

const PIECES = ['Once upon ', 'a time.'];
const END = anEnd({ costUsd: 0.25 });

/** A provider that answers in three steps of ten milliseconds. */
function mine(asked: { requests: number; running: number }, sink: MemorySink): Plugin {
  return definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) => {
      host.addStatSink(sink);
      host.addProvider({
        id: 'mine',
        capabilities: () => ({ prefill: 'exact' }),
        generate: () =>
          new Observable((subscriber) => {
            asked.requests += 1;
            asked.running += 1;
            const events = [...PIECES.map((delta): GenerationEvent => ({ type: 'text-delta', delta })), END];
            const cancels = events.map((event, index) =>
              host.clock.setTimer(10 * (index + 1), () => {
                subscriber.next(event);
                if (event === END) subscriber.complete();
              }),
            );
            return () => {
              asked.running -= 1;
              for (const cancel of cancels) cancel();
            };
          }),
      });
    },
  });
}

/** Within an attempt, one that does not ask is ended by the timers of the attempt: see test/faults/strangers.test.ts. */
const isTimed = (fault: string, phase: Phase): boolean => fault === 'neither asks nor ends' && phase === 'attempt';

const CASES = Object.entries(FAULTY_INTERCEPTORS).flatMap(([fault, { says }]) =>
  PHASES.filter((phase) => !isTimed(fault, phase)).map((phase) => ({
    fault,
    phase,
    end: says === undefined ? 'has its answer' : 'fails by its name',
  })),
);

async function outcome(world: World, fault: string, phase: Phase) {
  const [asked, sink] = [{ requests: 0, running: 0 }, new MemorySink()];
  const { intercept = () => new Observable() } = FAULTY_INTERCEPTORS[fault] ?? {};
  const process = await world.process('writer', {
    plugins: [mine(asked, sink)],
    interceptors: [{ name: 'faulty', phase, intercept }],
    config: { defaults: { model: 'm' }, concurrency: { max: 1 } },
  });
  let text = '';
  let failure: unknown;
  await process.pipeline
    .stream({ prompt: 'Begin.' })
    .forEach((event) => {
      if (event.type === 'text-delta') text += event.delta;
    })
    .catch((error: unknown) => (failure = error));
  expect(asked.running).toBe(0);
  await stopped(world, process);
  expect(process.leases).toBe(0);
  return { asked, sink, text, failure: GenerationError.is(failure) ? failure : undefined, other: failure };
}

describe('an interceptor that breaks its promises', () => {
  it.each(CASES)('$fault: the generation $end, with all that was paid in its bill ($phase)', ({ fault, phase }) =>
    inWorld(async (world) => {
      const { says, text: delivered = PIECES.join('') } = FAULTY_INTERCEPTORS[fault] ?? {};
      const { asked, sink, text, failure, other } = await outcome(world, fault, phase);
      const root = failure?.code === 'interrupted' && GenerationError.is(failure.cause) ? failure.cause : failure;
      const [generation] = sink.generations;
      const bill = sink.attempts.reduce((sum, { usage }) => sum + usage.inputTokens, 0);
      expect({ code: root?.code, isOurs: other === failure, text, partial: failure?.partial?.text }).toEqual({
        code: says === undefined ? undefined : 'internal',
        isOurs: true,
        text: delivered,
        partial: says === undefined || delivered === '' ? undefined : delivered,
      });
      if (says !== undefined) expect(root?.message).toMatch(new RegExp(`^The interceptor "faulty" .*${says}`));
      expect({
        requests: asked.requests <= 1,
        stats: sink.generations.map((stat) => stat.outcome),
        attempts: generation?.attempts,
        inputTokens: generation?.usage.inputTokens,
      }).toEqual({
        requests: true,
        stats: [says === undefined ? 'success' : 'error'],
        attempts: sink.attempts.length,
        inputTokens: bill,
      });
      // The vendor had ended its answer: what it charges is known, whatever became of the end.
      if (says !== undefined && delivered === PIECES.join('')) expect(generation?.cost).toMatchObject({ known: 0.25 });
    })(),
  );
});
