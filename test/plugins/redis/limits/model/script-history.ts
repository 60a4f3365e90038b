import fc from 'fast-check';

/** What one of three workers says to the server about two keys. A request is named by the number of its `take`. */
export type ScriptStep =
  | { readonly type: 'advance'; readonly ms: number }
  | {
      readonly type: 'take';
      readonly worker: number;
      readonly keys: number;
      readonly prompt: number;
      readonly cap: number;
      readonly seenMsAgo: number;
      readonly remembers: number;
    }
  | { readonly type: 'sent'; readonly request: number; readonly ago: number }
  | { readonly type: 'release'; readonly request: number }
  | { readonly type: 'abandon'; readonly request: number }
  | { readonly type: 'settle'; readonly request: number; readonly output: number; readonly cost: number }
  | { readonly type: 'pause'; readonly worker: number; readonly keys: number; readonly ms: number }
  | { readonly type: 'seed'; readonly worker: number; readonly keys: number; readonly used: number }
  | { readonly type: 'leave'; readonly worker: number }
  | { readonly type: 'bury'; readonly worker: number }
  | { readonly type: 'beat'; readonly worker: number; readonly seenMsAgo: number }
  | { readonly type: 'bring'; readonly worker: number; readonly ago: number; readonly cost: number }
  | { readonly type: 'forget' };

/** The limits of the workers, and what they say. */
export interface ScriptHistory {
  /** For how many milliseconds the server has remembered at first. */
  readonly memoryMs: number;
  /** By worker, then by key: interval, requests, tokens, requests of the day, skew, parts. */
  readonly limits: readonly (readonly string[])[];
  readonly steps: readonly ScriptStep[];
}

const WORKERS = 3;

/** Generates histories of scripts. */
export function aScriptHistory(): fc.Arbitrary<ScriptHistory> {
  return fc.tuple(someKinds(), someKinds()).chain((kinds) =>
    fc.record({
      memoryMs: fc.oneof(fc.nat(300_000), fc.constant(3_600_000), fc.constant(3_600_000)),
      limits: fc.array(fc.tuple(someLimits(kinds[0]), someLimits(kinds[1])), {
        minLength: WORKERS,
        maxLength: WORKERS,
      }),
      steps: fc.array(aStep(), { minLength: 20, maxLength: 80 }),
    }),
  );
}

/** Which limits a key has: an interval, requests, tokens, requests of the day, parts. */
function someKinds(): fc.Arbitrary<readonly boolean[]> {
  const rarely = fc.nat(4).map((number) => number === 0);
  return fc.tuple(rarely, fc.boolean(), fc.boolean(), rarely, rarely);
}

function someLimits(kinds: readonly boolean[]): fc.Arbitrary<string> {
  const ofKind = (kind: number, least: number, most: number) =>
    kinds[kind] === true ? fc.oneof(fc.constant(0), fc.integer({ min: least, max: most })) : fc.constant(0);
  return fc
    .tuple(ofKind(0, 1, 20_000), ofKind(1, 3, 8), ofKind(2, 100, 900), ofKind(3, 3, 12), fc.nat(2_000), ofKind(4, 1, 4))
    .map((numbers) => numbers.join(' '));
}

function aStep(): fc.Arbitrary<ScriptStep> {
  const worker = fc.nat(WORKERS - 1);
  const keys = fc.integer({ min: 1, max: 3 });
  const request = fc.nat(12);
  const ago = fc.oneof(fc.nat(3_000), fc.nat(80_000), fc.constant(5_000));
  const step = <T extends ScriptStep['type'], F extends object>(
    type: T,
    fields: { [K in keyof F]: fc.Arbitrary<F[K]> },
  ) => fc.record({ type: fc.constant(type), ...fields });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: step('advance', {
        ms: fc.oneof(fc.nat(3_000), fc.nat(3_000), fc.nat(20_000), fc.nat(70_000), fc.constant(230_000)),
      }),
    },
    {
      weight: 12,
      arbitrary: step('take', {
        ...{ worker, keys, cap: fc.integer({ min: -1, max: 150 }), prompt: fc.integer({ min: -1, max: 150 }) },
        ...{ seenMsAgo: ago, remembers: fc.nat(12) },
      }),
    },
    { weight: 8, arbitrary: step('sent', { request, ago: fc.oneof(fc.constant(0), fc.nat(70_000)) }) },
    { weight: 1, arbitrary: step('release', { request }) },
    { weight: 1, arbitrary: step('abandon', { request }) },
    { weight: 3, arbitrary: step('settle', { request, output: fc.nat(200), cost: fc.nat(300) }) },
    { weight: 1, arbitrary: step('pause', { worker, keys, ms: fc.nat(90_000) }) },
    { weight: 1, arbitrary: step('seed', { worker, keys, used: fc.nat(12) }) },
    { weight: 1, arbitrary: step('leave', { worker }) },
    { weight: 1, arbitrary: step('bury', { worker }) },
    { weight: 5, arbitrary: step('beat', { worker, seenMsAgo: ago }) },
    { weight: 1, arbitrary: step('bring', { worker, ago: fc.oneof(fc.constant(-1), ago), cost: fc.nat(200) }) },
    { weight: 1, arbitrary: step('forget', {}) },
  ) as fc.Arbitrary<ScriptStep>;
}
