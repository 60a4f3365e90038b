import { describe, expect, it } from '@jest/globals';
import type { EmulatorOptions } from 'scriptorium/testing';
import { eventually } from '../../support/eventually.js';
import { measured, textAt } from './measured.js';
import type { Measured } from './measured.js';
import { figuresIn, figuresOf, hasPromtool, promtool, samplesIn, sum } from './samples.js';

type Fault = ReturnType<NonNullable<EmulatorOptions['fault']>>;

const FAULTS: readonly Fault[] = [
  undefined,
  { status: 503 },
  { reset: { afterDeltas: 12 } },
  undefined,
  { status: 429, headers: { 'retry-after-ms': '30' } },
  { truncate: { afterDeltas: 7 } },
  { noUsage: true },
  { errorChunk: { afterDeltas: 9 }, withUsage: true },
  { reset: 'before-headers' },
  { empty: true },
  undefined,
  { status: 400 },
  { fin: { afterDeltas: 20 } },
];

/** Forty generations, a dozen at once, and one more that stays under way until it is cancelled. */
async function aStorm(): Promise<Measured & { readonly during: string; readonly after: string }> {
  const scene = await measured({
    speed: 20,
    emulator: { fault: (_, index) => FAULTS[index % FAULTS.length] },
    config: {
      continuity: { reconcile: true },
      concurrency: { max: 12 },
      breaker: { minimumCalls: 10_000, connectionFailures: 10_000 },
      timeouts: { contentIdleMs: 0, idleMs: 0, firstTokenMs: 0, headersMs: 0, attemptMs: 0 },
    },
  });
  const { pipeline, emulator, plugin, sink } = scene;
  emulator.script({ stall: { afterDeltas: 5 } });
  let text = '';
  const stalled = pipeline.text({ prompt: 'Begin.', labels: { book: 'ada' } }).subscribe((delta) => {
    text += delta;
  });
  await eventually(() => text !== '');
  const others = Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => pipeline.generate({ prompt: `Write chapter ${index}.` })),
  );
  await eventually(() => emulator.requests.length > 10);
  const during = await textAt(plugin.url());
  await others;
  stalled.unsubscribe();
  const open = sink.attempts.filter(
    ({ outcome, sent, usage, responseId }) =>
      outcome !== 'success' && sent && usage.source !== 'reported' && responseId !== undefined,
  );
  await eventually(() => sink.stats.filter(({ type }) => type === 'attempt-reconciled').length === open.length, 15_000);
  return { ...scene, during, after: await textAt(plugin.url()) };
}

describe('the metrics of a storm of faults', () => {
  it('are those of pipeline.stats() to the unit, with what the vendor has said afterwards', async () => {
    const { pipeline, during, after, sink } = await aStorm();
    expect(sum(samplesIn(during), 'requests_in_flight')).toBeGreaterThan(0);
    expect(sum(samplesIn(during), 'attempts_in_flight')).toBeGreaterThan(0);

    const samples = samplesIn(after);
    const stats = pipeline.stats();
    expect(figuresOf(samples)).toEqual(figuresIn(stats));
    expect(sum(samples, 'tokens_replaced_total')).toBeGreaterThan(0);
    expect(stats).toMatchObject({ requests: 41, cancelled: 1 });
    expect(Math.min(stats.retries, stats.failed, stats.attemptsBySource.estimated, stats.cost.known)).toBeGreaterThan(
      0,
    );
    expect(sum(samples, 'failures_total')).toBe(stats.failed);
    expect(sum(samples, 'failures_total', { error_code: 'bad-request' })).toBe(
      sink.generations.filter(({ errorCode }) => errorCode === 'bad-request').length,
    );
    expect(sum(samples, 'attempt_failures_total')).toBe(
      sink.attempts.filter(({ outcome }) => outcome === 'error').length,
    );
    expect(sum(samples, 'queue_wait_seconds_count')).toBe(stats.requests);
    expect(sum(samples, 'queue_wait_seconds_sum')).toBeCloseTo(
      sink.generations.reduce((total, { queueMs }) => total + queueMs, 0) / 1_000,
      6,
    );
    expect(sum(samples, 'waits_total')).toBeGreaterThan(0);
  }, 30_000);

  it('leave nothing in flight or waiting', async () => {
    const { after } = await aStorm();
    const samples = samplesIn(after);
    expect(['requests_in_flight', 'attempts_in_flight', 'requests_waiting'].map((name) => sum(samples, name))).toEqual([
      0, 0, 0,
    ]);
  }, 30_000);

  (hasPromtool ? it : it.skip)(
    'are as promtool wants them, during and after',
    async () => {
      const { during, after } = await aStorm();
      expect(promtool(['check', 'metrics'], during)).toEqual({ status: 0, output: '' });
      expect(promtool(['check', 'metrics'], after)).toEqual({ status: 0, output: '' });
    },
    30_000,
  );
});

describe('the metrics of a generation', () => {
  it('tell its times in seconds', async () => {
    const { pipeline, sink, scrape } = await measured();
    await pipeline.generate({ prompt: 'Begin.' });
    const samples = await scrape();
    const [generation, attempt] = [sink.generations[0]!, sink.attempts[0]!];
    const secondsOf = (name: string): number => sum(samples, `${name}_seconds_sum`);
    expect(secondsOf('request_duration')).toBeCloseTo(generation.latencyMs / 1_000, 9);
    expect(secondsOf('attempt_duration')).toBeCloseTo(attempt.latencyMs / 1_000, 9);
    expect(secondsOf('time_to_first_token')).toBeCloseTo(generation.timeToFirstTokenMs! / 1_000, 9);
    expect(secondsOf('time_per_output_token')).toBeCloseTo(
      (attempt.latencyMs - attempt.timeToFirstTokenMs!) / (attempt.usage.outputTokens - 1) / 1_000,
      9,
    );
  });

  it('can be read when the pipeline has ended, and are those of its end', async () => {
    const { pipeline, emulator, plugin } = await measured({ config: { continuity: { reconcile: true } } });
    emulator.script({ stall: { afterDeltas: 5 } });
    const work = pipeline.generate({ prompt: 'Begin.' }).catch(() => undefined);
    await eventually(() => emulator.requests.length === 1);
    await pipeline.dispose();
    await work;
    expect(figuresOf(samplesIn(await plugin.metrics()))).toEqual(figuresIn(pipeline.stats()));
    expect(pipeline.stats().requests).toBe(1);
  });
});
