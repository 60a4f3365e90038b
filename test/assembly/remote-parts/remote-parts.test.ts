import { describe, expect, it } from '@jest/globals';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import type { ConfigInput, GenerationResult, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { ManualClock, MemorySink } from 'scriptorium/testing';
import { flushed } from '../../support/flushed.js';
import { faultyProvider, WHOLE } from './faulty-provider.js';
import { PORT_NAMES, remoteParts } from './remote-parts.js';
import type { Manner, PortName } from './remote-parts.js';

const GENERATIONS = 400;
/** Accounts have a line of their own each. */
const ACCOUNTS = 25;

/** Numbers in [0, 1), the same sequence for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const CONFIG: ConfigInput = {
  logging: { level: 'silent' },
  concurrency: { max: 2 },
  // An answer that broke off has no bill.
  budget: { processUsd: 1_000, unknownPrice: 'allow' },
  cache: { enabled: true, sampled: true },
  retry: { baseMs: 10, capMs: 50, maxAttempts: 8, maxRetryAfterMs: 30_000 },
};

async function scene(manner: Manner, only: readonly PortName[] = PORT_NAMES, config: ConfigInput = {}) {
  const [clock, random, sink] = [new ManualClock(), seeded(20_261_127), new MemorySink()];
  const { plugin, books } = remoteParts(manner, { clock, random, only });
  const memory = definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) });
  const pipeline = await createPipeline({
    plugins: [faultyProvider(clock, random), plugin, memory],
    environment: {},
    config: { ...CONFIG, ...config },
    register: (container) => {
      container.register(tokens.CLOCK, { useValue: clock });
      container.register(tokens.RANDOM, { useValue: random });
    },
  });
  return { clock, sink, books, pipeline };
}

/** Runs all generations on the manual clock to their ends. */
async function runAll(
  { pipeline, clock }: { readonly pipeline: Pipeline; readonly clock: ManualClock },
  stepMs: number,
  generations = GENERATIONS,
) {
  const results: GenerationResult[] = [];
  const errors: unknown[] = [];
  for (let index = 0; index < generations; index += 1)
    pipeline.generate({ prompt: `Begin ${index}.`, labels: { account: String(index % ACCOUNTS) } }).then(
      (result) => results.push(result),
      (error: unknown) => errors.push(error),
    );
  const deadline = clock.monotonic() + 3_600_000;
  while (results.length + errors.length < generations && clock.monotonic() < deadline) {
    await flushed();
    clock.advance(stepMs);
  }
  expect(results.length + errors.length).toBe(generations);
  return { results, errors };
}

/** Every generation ended, and what the statistics, the sink and the results say is one story. */
function expectOneStory({ results, errors }: Awaited<ReturnType<typeof runAll>>, pipeline: Pipeline, sink: MemorySink) {
  const ended = results.length + errors.length;
  expect(errors.filter((error) => !GenerationError.is(error))).toEqual([]);
  expect(results.filter(({ text }) => text !== WHOLE)).toEqual([]);
  const attempts = [...results, ...(errors as GenerationError[])].flatMap((end) => end.attempts);
  const usd = attempts.reduce((sum, { usage }) => sum + Math.round((usage.costUsd ?? 0) * 1e6), 0);
  const stats = pipeline.stats();
  expect({
    requests: stats.requests,
    successful: stats.successful,
    attempts: stats.attempts,
    usd: Math.round(stats.cost.known * 1e6),
  }).toEqual({ requests: ended, successful: results.length, attempts: attempts.length, usd });
  expect(sink.generations).toHaveLength(ended);
  expect(sink.attempts).toHaveLength(attempts.length);
  return usd;
}

describe('a plugin that replaces every part by a remote one', () => {
  it('that answers after 5 ms and fails one time in ten: whole texts or typed errors, and right sums', async () => {
    const { clock, sink, books, pipeline } = await scene('flaky');
    const ends = await runAll({ pipeline, clock }, 5);
    const usd = expectOneStory(ends, pipeline, sink);
    await flushed();
    expect(ends.results.length).toBeGreaterThan(GENERATIONS * 0.95);
    expect(books.ended).toBe(books.issued);
    expect(books.settled).toBe(usd);
    const { parts } = partsOf(pipeline);
    // The replaced limits and spending keep no state of their own: see the next test.
    expect(Object.keys(parts).sort()).toEqual(PORT_NAMES.filter((name) => name !== 'state').sort());
    for (const part of Object.values(parts)) {
      expect(part).toMatchObject({ replacedBy: 'plugin "remote-parts"', lastFailure: 'lost on the way' });
      expect([part.answered > 0, part.failed > 0]).toEqual([true, true]);
    }
    await pipeline.dispose();
  });

  it('that keeps the state of the local limits and budgets: nothing is lost when it fails', async () => {
    const days = { rateLimit: { requestsPerDay: 100_000 }, budget: { dayTokens: 100_000_000 } };
    const { clock, sink, pipeline } = await scene('flaky', ['state'], days);
    const ends = await runAll({ pipeline, clock }, 5);
    expectOneStory(ends, pipeline, sink);
    expect(ends.results.length).toBeGreaterThan(GENERATIONS * 0.95);
    const { state } = partsOf(pipeline).parts;
    expect([state!.answered > GENERATIONS, state!.failed > 0]).toEqual([true, true]);
    await pipeline.dispose();
  });

  it('that never answers: every generation ends with a typed error, without a request', async () => {
    const { clock, sink, pipeline } = await scene('hanging');
    const ends = await runAll({ pipeline, clock }, 250);
    expectOneStory(ends, pipeline, sink);
    expect({ codes: codesOf(ends), attempts: sink.attempts.length }).toEqual({
      codes: ['unavailable'],
      attempts: 0,
    });
    await pipeline.dispose();
    expect(clock.pending).toBe(0);
  });

  it.each(PORT_NAMES)('that never answers, one alone: %s', async (name) => {
    const days = { rateLimit: { requestsPerDay: 100_000 } };
    const { clock, sink, pipeline } = await scene('hanging', [name], days);
    const ends = await runAll({ pipeline, clock }, 250, 25);
    expectOneStory(ends, pipeline, sink);
    const isClosed = name === 'limits' || name === 'spending';
    expect({ codes: codesOf(ends), isWhole: ends.results.length === 25 }).toEqual(
      isClosed ? { codes: ['unavailable'], isWhole: false } : { codes: [], isWhole: true },
    );
    await pipeline.dispose();
    // What was reported at the end is not waited for.
    clock.advance(2_000);
    await flushed();
    expect(clock.pending).toBe(0);
  });
});

function codesOf({ errors }: { readonly errors: readonly unknown[] }): readonly string[] {
  return [...new Set((errors as GenerationError[]).map(({ code }) => code))];
}

function partsOf(pipeline: Pipeline) {
  return { parts: Object.fromEntries(pipeline.parts().map((part) => [part.name, part])) };
}
