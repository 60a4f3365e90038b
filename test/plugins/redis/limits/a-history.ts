import fc from 'fast-check';
import type { LimitKey } from 'scriptorium/plugin';

/** What the pipelines of a history do, one after the other. A lease is named by the number of its `take`. */
export type Step =
  | {
      readonly type: 'take';
      readonly pipeline: number;
      readonly keys: number;
      readonly prompt: number;
      readonly cap: number;
    }
  | { readonly type: 'sent' | 'release'; readonly lease: number }
  | {
      readonly type: 'settle';
      readonly lease: number;
      readonly output: number;
      readonly source: 'reported' | 'unknown';
    }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'pause'; readonly pipeline: number; readonly keys: number; readonly ms: number }
  | { readonly type: 'seed'; readonly pipeline: number; readonly used: number; readonly limit: number };

/** Two pipelines with limits of their own for two keys, and what they do. */
export interface History {
  /** By pipeline, then by key. */
  readonly keys: readonly (readonly LimitKey[])[];
  readonly skewMs: readonly number[];
  readonly steps: readonly Step[];
}

/** Generates histories. A limit that one pipeline has, the other has, too; they may differ. */
export function aHistory(): fc.Arbitrary<History> {
  const kinds = fc.record({ interval: fc.boolean(), requests: fc.boolean(), tokens: fc.boolean(), day: fc.boolean() });
  const pair = (a: number, b: number): fc.Arbitrary<readonly number[]> =>
    fc.tuple(fc.integer({ min: a, max: b }), fc.integer({ min: a, max: b }));
  const limitsOf = fc
    .tuple(kinds, pair(1, 30_000), pair(1, 6), pair(50, 400), pair(1, 12))
    .map(([has, interval, requests, tokens, day]) =>
      [0, 1].map((pipeline) => ({
        minIntervalMs: has.interval ? interval[pipeline]! : 0,
        requestsPerMinute: has.requests ? requests[pipeline]! : 0,
        tokensPerMinute: has.tokens ? tokens[pipeline]! : 0,
        requestsPerDay: has.day ? day[pipeline]! : 0,
      })),
    );
  return fc
    .record({
      a: limitsOf,
      b: limitsOf,
      skewMs: pair(0, 2_000),
      steps: fc.array(aStep(), { minLength: 5, maxLength: 60 }),
    })
    .map(({ a, b, skewMs, steps }) => ({
      keys: [0, 1].map((pipeline) => [
        { key: 'a', limits: a[pipeline]! },
        { key: 'b', limits: b[pipeline]! },
      ]),
      skewMs,
      steps,
    }));
}

function aStep(): fc.Arbitrary<Step> {
  const pipeline = fc.integer({ min: 0, max: 1 });
  const keys = fc.integer({ min: 1, max: 3 });
  const lease = fc.nat(40);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('take' as const),
        pipeline,
        keys,
        prompt: fc.integer({ min: 1, max: 150 }),
        cap: fc.oneof(fc.integer({ min: 0, max: 150 }), fc.constant(Infinity)),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constantFrom('sent' as const, 'sent' as const, 'release' as const), lease }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('settle' as const),
        lease,
        output: fc.nat(200),
        source: fc.constantFrom('reported' as const, 'unknown' as const),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('advance' as const),
        ms: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 5_000, max: 70_000 }), fc.constant(300_000)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('pause' as const),
        pipeline,
        keys,
        ms: fc.oneof(fc.nat(90_000), fc.constant(4e10)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('seed' as const),
        pipeline,
        used: fc.nat(12),
        limit: fc.integer({ min: 1, max: 12 }),
      }),
    },
  );
}
