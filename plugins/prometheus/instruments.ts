import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Labeller } from './labeller.js';
import type { PromClient } from './load-prom-client.js';

/** Upper bounds in seconds. */
const DURATIONS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1_200];
const FIRST_TOKENS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120];
const TOKENS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const WAITS = [0.01, 0.1, 0.5, 1, 2.5, 5, 15, 30, 60, 120, 300, 900, 3_600];

/** Every metric that is exposed. */
export interface Instruments {
  readonly registry: Registry;
  readonly counters: ReturnType<typeof counters>;
  readonly histograms: ReturnType<typeof histograms>;
  readonly gauges: ReturnType<typeof gauges>;
}

/** Makes the metrics, in a registry of their own. */
export function instruments(client: PromClient, labeller: Labeller): Instruments {
  const registry = new client.Registry();
  const names = { plain: labeller.names(), ended: labeller.names({ withOutcome: true }), route: labeller.routeNames() };
  const parts = { client, registry, names };
  return { registry, counters: counters(parts), histograms: histograms(parts), gauges: gauges(parts) };
}

interface Parts {
  readonly client: PromClient;
  readonly registry: Registry;
  readonly names: Readonly<Record<'plain' | 'ended' | 'route', readonly string[]>>;
}

type MakeCounter = (name: string, help: string, labelNames: readonly string[]) => Counter;

function counters({ client, registry, names: { plain, ended } }: Parts) {
  const counter: MakeCounter = (name, help, labelNames) =>
    new client.Counter({ name: `scriptorium_${name}_total`, help, labelNames, registers: [registry] });
  return {
    requests: counter('requests', 'Generations that have ended.', ended),
    failures: counter('failures', 'Generations that have failed, by the code of their error.', [
      ...plain,
      'error_code',
    ]),
    attempts: counter('attempts', 'Real requests to a provider that have ended.', ended),
    attemptFailures: counter('attempt_failures', 'Attempts that have failed, by the code of their error.', [
      ...plain,
      'error_code',
    ]),
    retries: counter('retries', 'Attempts beyond the first of their generation.', plain),
    ...usageCounters(counter, plain),
    waits: counter('waits', 'Times that a generation had to stand in a queue, by which.', ['reason']),
  };
}

function usageCounters(counter: MakeCounter, plain: readonly string[]) {
  return {
    usages: counter('usages', 'Attempts by where their usage comes from, as first told.', [...plain, 'source']),
    usagesReplaced: counter('usages_replaced', 'Usages that the vendor has replaced by a report later.', [
      ...plain,
      'source',
    ]),
    tokens: counter(
      'tokens',
      'Tokens as first told and as reported later; cached and cache_write are parts of prompt, reasoning of completion.',
      [...plain, 'kind', 'source'],
    ),
    tokensReplaced: counter('tokens_replaced', 'Tokens that a later report has taken the place of; to be subtracted.', [
      ...plain,
      'kind',
      'source',
    ]),
    cost: counter('cost_dollars', 'Cost in US dollars as first told and as reported later.', [...plain, 'kind']),
    costReplaced: counter(
      'cost_dollars_replaced',
      'Cost in US dollars that a later report has taken the place of; to be subtracted.',
      [...plain, 'kind'],
    ),
    unmeasured: counter('unmeasured_attempts', 'Attempts whose cost nobody has told.', plain),
    unmeasuredReplaced: counter(
      'unmeasured_attempts_replaced',
      'Attempts whose cost was told later; to be subtracted.',
      plain,
    ),
  };
}

function histograms({ client, registry, names: { plain, ended } }: Parts) {
  const histogram = (
    name: string,
    help: string,
    options: { readonly labelNames: readonly string[]; readonly buckets: number[] },
  ): Histogram =>
    new client.Histogram({ name: `scriptorium_${name}_seconds`, help, ...options, registers: [registry] });
  return {
    latency: histogram('request_duration', 'From the start of a generation to its end, queues and retries included.', {
      labelNames: ended,
      buckets: DURATIONS,
    }),
    attemptLatency: histogram('attempt_duration', 'From the start of an attempt to its end.', {
      labelNames: ended,
      buckets: DURATIONS,
    }),
    firstToken: histogram(
      'time_to_first_token',
      'From the start of a successful generation to its first text or reasoning.',
      { labelNames: plain, buckets: FIRST_TOKENS },
    ),
    perToken: histogram(
      'time_per_output_token',
      'Mean time between the output tokens of a successful attempt, the first left out.',
      { labelNames: plain, buckets: TOKENS },
    ),
    queueWait: histogram('queue_wait', 'Time that a generation has spent in admission queues.', {
      labelNames: plain,
      buckets: WAITS,
    }),
    backoff: histogram('backoff', 'Time that a generation has spent between attempts.', {
      labelNames: plain,
      buckets: WAITS,
    }),
  };
}

function gauges({ client, registry, names: { plain, route } }: Parts) {
  const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
    new client.Gauge({ name: `scriptorium_${name}`, help, labelNames, registers: [registry] });
  return {
    requestsInFlight: gauge('requests_in_flight', 'Generations under way, those that wait included.', plain),
    attemptsInFlight: gauge('attempts_in_flight', 'Attempts under way.', plain),
    waiting: gauge('requests_waiting', 'Generations that stand in a queue now, by which.', ['reason']),
    breakerOpen: gauge('breaker_open', '1 while the circuit breaker keeps attempts away, else 0.', route),
    limitHeld: gauge(
      'limit_held_seconds',
      'For how long the server, or a spent day, still holds requests back, as far as one was told so.',
      route,
    ),
  };
}
