import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ConfigInput, UsageSnapshot } from 'scriptorium';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { emulatedVendor, simulate } from 'scriptorium/testing';
import type { EmulatorOptions, MemorySink, SimulatedFault, World } from 'scriptorium/testing';
import { loadPromClient } from '../../../plugins/prometheus/load-prom-client.js';
import { eventually } from '../../support/eventually.js';
import { simulatedWriter, stopped, until } from '../../support/simulated-writer.js';
import { measured } from './measured.js';
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

const CONFIG: ConfigInput = {
  defaults: { model: 'scriptorium/exact' },
  continuity: { reconcile: true },
  concurrency: { max: 12 },
  breaker: { minimumCalls: 10_000, connectionFailures: 10_000 },
  timeouts: { contentIdleMs: 0, idleMs: 0, firstTokenMs: 0, headersMs: 0, attemptMs: 0 },
};

/** The metrics of a storm while it lasts and after its end, and what else is known of it. */
interface Storm {
  readonly during: string;
  readonly after: string;
  readonly stats: UsageSnapshot;
  readonly sink: MemorySink;
}

/** Forty generations, a dozen at once, and one more that stays under way until it is cancelled. */
async function aStorm(world: World): Promise<Storm> {
  const vendor = emulatedVendor(world, { words: 30 });
  vendor.script(...faults({ stall: { afterDeltas: 5 } }, ...Array.from({ length: 40 }, () => FAULTS).flat()));
  const plugin = prometheus({ listen: false });
  const { process, sink } = await simulatedWriter(world, [vendor.url], { config: CONFIG, plugins: [plugin] });
  const { pipeline } = process;
  const stalled = pipeline.text({ prompt: 'Begin.', labels: { book: 'ada' } }).subscribe();
  await until(world, () => vendor.requests[0]?.text !== '');
  const others = Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => pipeline.generate({ prompt: `Write chapter ${index}.` })),
  );
  await until(world, () => vendor.requests.length > 10);
  const during = await plugin.metrics();
  await others;
  stalled.unsubscribe();
  await until(world, () => sink.stats.filter(({ type }) => type === 'attempt-reconciled').length === unknownOf(sink));
  const [after, stats] = [await plugin.metrics(), pipeline.stats()];
  await stopped(world, process);
  return { during, after, stats, sink };
}

const faults = (...all: readonly Fault[]): readonly (SimulatedFault | undefined)[] =>
  all.map((fault) => fault && { row: 0, title: 'of the storm', vendor: () => fault });

/** Attempts whose usage is asked of the vendor afterwards. */
const unknownOf = ({ attempts }: MemorySink): number =>
  attempts.filter(
    ({ outcome, sent, usage, responseId }) =>
      outcome !== 'success' && sent && usage.source !== 'reported' && responseId !== undefined,
  ).length;

let storm: Storm;
beforeAll(async () => {
  // It reads the machine's clock when it is loaded.
  await loadPromClient();
  ({ value: storm } = await simulate({ seed: 1 }, aStorm));
});

describe('the metrics of a storm of faults', () => {
  it('are those of pipeline.stats() to the unit, with what the vendor has said afterwards', () => {
    const { stats, during, after, sink } = storm;
    expect(sum(samplesIn(during), 'requests_in_flight')).toBeGreaterThan(0);
    expect(sum(samplesIn(during), 'attempts_in_flight')).toBeGreaterThan(0);

    const samples = samplesIn(after);
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
  });

  it('leave nothing in flight or waiting', () => {
    const { after } = storm;
    const samples = samplesIn(after);
    expect(['requests_in_flight', 'attempts_in_flight', 'requests_waiting'].map((name) => sum(samples, name))).toEqual([
      0, 0, 0,
    ]);
  });

  (hasPromtool ? it : it.skip)('are as promtool wants them, during and after', () => {
    const { during, after } = storm;
    expect(promtool(['check', 'metrics'], during)).toEqual({ status: 0, output: '' });
    expect(promtool(['check', 'metrics'], after)).toEqual({ status: 0, output: '' });
  });
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
