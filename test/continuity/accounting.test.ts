import { describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { failureOf, textOf } from '../support/pipelines.js';
import { emulated, PROMPT, written } from './emulated.js';
import type { Emulated, EmulatedOptions } from './emulated.js';

const MODEL = 'scriptorium/exact';
/** A pipeline's second passes in 50 ms. */
const FAST = { speed: 20, config: { continuity: { reconcile: true } } } satisfies EmulatedOptions;

/** What the emulator has written down of all requests. */
function logged({ requests }: Emulator): {
  readonly prompt: number;
  readonly completion: number;
  readonly costs: number;
} {
  const sum = (of: (request: Emulator['requests'][number]) => number | undefined): number =>
    requests.reduce((total, request) => total + (of(request) ?? 0), 0);
  return {
    prompt: sum(({ usage }) => usage?.prompt_tokens),
    completion: sum(({ usage }) => usage?.completion_tokens),
    costs: sum(({ cost }) => cost),
  };
}

function counted({
  pipeline,
}: Emulated): ReturnType<typeof logged> & { readonly estimated: number; readonly sources: unknown } {
  const { tokens, estimatedTokens, cost, attemptsBySource } = pipeline.stats();
  return {
    prompt: tokens.prompt,
    completion: tokens.completion,
    costs: cost.known,
    estimated: estimatedTokens.total,
    sources: attemptsBySource,
  };
}

/** By their attempts: the vendor may know a later one first. */
const reconciled = ({ sink }: Emulated) =>
  sink.stats.filter((stat) => stat.type === 'attempt-reconciled').sort((one, other) => one.attempt - other.attempt);

describe('the account of a text in several pieces', () => {
  it('is the sum over its attempts, of which those that broke off are estimated', async () => {
    const { emulator, pipeline, sink } = await emulated();
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 60 } });
    const { usage, attempts, cost } = await pipeline.generate({ messages: PROMPT, model: MODEL });
    expect(attempts.map((attempt) => [attempt.outcome, attempt.usage.source])).toEqual([
      ['error', 'estimated'],
      ['error', 'estimated'],
      ['success', 'reported'],
    ]);
    const sum = (of: (attempt: (typeof attempts)[number]) => number): number =>
      attempts.reduce((total, attempt) => total + of(attempt), 0);
    expect([usage.inputTokens, usage.outputTokens]).toEqual([
      sum((attempt) => attempt.usage.inputTokens),
      sum((attempt) => attempt.usage.outputTokens),
    ]);
    expect(sink.generations[0]).toMatchObject({ attempts: 3, usage, cost });
    expect(pipeline.stats()).toMatchObject({
      requests: 1,
      successful: 1,
      attempts: 3,
      retries: 2,
      tokens: { prompt: usage.inputTokens, completion: usage.outputTokens },
    });
  });

  it('counts what was held back at a splice and what a restart has voided: all was paid for', async () => {
    const { emulator, pipeline } = await emulated();
    emulator.script({ reset: { afterDeltas: 40 } });
    const { attempts, usage } = await pipeline.generate({
      messages: PROMPT,
      model: 'scriptorium/paraphrases-the-joint',
    });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['error', 'cancelled', 'success']);
    expect(attempts.every((attempt) => attempt.usage.outputTokens > 0)).toBe(true);
    expect(usage.outputTokens).toBe(attempts.reduce((total, attempt) => total + attempt.usage.outputTokens, 0));
    expect(emulator.requests).toHaveLength(3);
  });

  it('is in the partial answer of one that stays unfinished', async () => {
    const { emulator, pipeline } = await emulated({ config: { continuity: { maxSegments: 1 } } });
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 60 } });
    const error = await failureOf(pipeline.generate({ messages: PROMPT, model: MODEL }));
    const outputTokens = error.attempts.reduce((total, { usage }) => total + usage.outputTokens, 0);
    expect(error.partial).toMatchObject({ usage: { outputTokens, source: 'estimated' }, toolCallsOpen: false });
  });
});

describe('with continuity.reconcile, an attempt that broke off', () => {
  it('is asked about until the vendor knows it, and then counts what it really took', async () => {
    const scene = await emulated({ ...FAST, emulator: { recordAfterMs: 60 } });
    const { emulator, pipeline, sink } = scene;
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 60 } });
    expect(textOf(await written(pipeline, { model: MODEL }))).toBe(
      emulator.textFor({ model: MODEL, messages: PROMPT }),
    );
    await eventually(() => reconciled(scene).length === 2);
    expect(
      reconciled(scene).map(({ attempt, usage, replaces, responseId }) => [
        attempt,
        usage.inputTokens,
        usage.outputTokens,
        usage.costUsd,
        usage.source,
        replaces,
        responseId,
      ]),
    ).toEqual(
      emulator.requests
        .slice(0, 2)
        .map(({ usage, cost, id }, index) => [
          index + 1,
          usage!.prompt_tokens,
          usage!.completion_tokens,
          cost,
          'reported',
          sink.attempts[index]!.usage,
          id,
        ]),
    );
    const { costs, ...figures } = logged(emulator);
    expect(counted(scene)).toMatchObject({
      ...figures,
      estimated: 0,
      sources: { reported: 3, estimated: 0, unmeasured: 0, unsent: 0 },
    });
    expect(counted(scene).costs).toBeCloseTo(costs, 12);
    expect(pipeline.stats().cost).toMatchObject({ estimated: 0, unmeasuredAttempts: 0 });
  });

  it('is asked about once more at the end, when there is no more time to wait', async () => {
    const scene = await emulated({ config: { continuity: { reconcile: true } } });
    const { emulator, pipeline } = scene;
    emulator.script({ reset: { afterDeltas: 40 } });
    await written(pipeline, { model: MODEL });
    expect(reconciled(scene)).toEqual([]);
    await eventually(() => emulator.requests.every(({ closedAt }) => closedAt !== undefined));
    await pipeline.dispose();
    expect([counted(scene), reconciled(scene).length]).toMatchObject([
      { prompt: logged(emulator).prompt, completion: logged(emulator).completion, estimated: 0 },
      1,
    ]);
  });

  it('leaves what it was estimated at, where the vendor never knows', async () => {
    const scene = await emulated({
      config: { continuity: { reconcile: true } },
      emulator: { recordAfterMs: 1_000_000 },
    });
    scene.emulator.script({ reset: { afterDeltas: 40 } });
    await written(scene.pipeline, { model: MODEL });
    await scene.pipeline.dispose();
    expect([counted(scene).sources, reconciled(scene)]).toMatchObject([{ reported: 1, estimated: 1 }, []]);
    await eventually(() => scene.clock.pending === 0);
  });

  it('is asked about where the caller has left, too', async () => {
    const scene = await emulated({ ...FAST, emulator: { tokensPerSecond: 400 } });
    const { emulator, pipeline } = scene;
    await new Promise<void>((resolve) => {
      const subscription = pipeline.stream({ messages: PROMPT, model: MODEL }).subscribe(({ type }) => {
        if (type !== 'text-delta') return;
        subscription.unsubscribe();
        resolve();
      });
    });
    await eventually(() => reconciled(scene).length === 1);
    expect(counted(scene)).toMatchObject({
      ...logged(emulator),
      costs: expect.closeTo(logged(emulator).costs, 12) as unknown,
      estimated: 0,
    });
  });
});

describe('without continuity.reconcile', () => {
  it('nothing is asked: a generation sends its completion requests and no other', async () => {
    const scene = await emulated({ speed: 20 });
    scene.emulator.script({ reset: { afterDeltas: 40 } });
    await written(scene.pipeline, { model: MODEL });
    await eventually(() => scene.clock.pending === 0);
    await scene.pipeline.dispose();
    expect([scene.emulator.requests.length, reconciled(scene)]).toEqual([2, []]);
  });
});
