import fc from 'fast-check';
import { attemptOf, ERROR, sourceOf } from '../../../../plugins/runs/testing/contract/builders.js';
import type { ItemProgress } from '../../../../plugins/runs/journal/item.js';
import type { Parking } from '../../../../plugins/runs/journal/journal.js';
import type { RunLimits } from '../../../../plugins/runs/journal/run-spec.js';

/** How a write under a lease ends or goes on. Leases, old ones too, are chosen by number. */
interface Write<Type extends string> {
  readonly type: Type;
  readonly lease: number;
  readonly progress: Progress;
}

/** What a write adds. Offsets are relative to the end of the text, so that most of them are right. */
export interface Progress {
  readonly texts: readonly string[];
  readonly offBy: number;
  readonly attempts: NonNullable<ItemProgress['attempts']>;
}

/** One step of a history. */
export type Command =
  | { readonly type: 'create'; readonly run: number; readonly shape: number; readonly hash: number }
  | { readonly type: 'claim'; readonly worker: number; readonly run: number | undefined; readonly leaseMs: number }
  | { readonly type: 'renew'; readonly lease: number; readonly leaseMs: number }
  | Write<'checkpoint'>
  | Write<'commit'>
  | Write<'release'>
  | (Write<'fail'> & { readonly retryInMs: number | undefined })
  | (Write<'reset'> & { readonly retryInMs: number | undefined })
  | (Write<'park'> & { readonly parking: Parking })
  | { readonly type: 'pause'; readonly run: number }
  | { readonly type: 'resume'; readonly run: number; readonly limits: Partial<RunLimits> }
  | { readonly type: 'cancel'; readonly run: number; readonly item: number | undefined }
  | { readonly type: 'prune'; readonly olderThanMs: number }
  | { readonly type: 'kill'; readonly worker: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'set-clock'; readonly byMs: number };

const PIECES = ['One two. ', 'Größe', '𝄞👩‍👩‍👧', '\u0000', '\r\n', "';--", 'x'.repeat(300)];
const USD = [0, 0.1, 0.25, 0.333, 1, 2.5];

const attempt = fc.record({
  generation: fc.constantFrom('g1', 'g2'),
  attempt: fc.constantFrom(1, 2),
  outcome: fc.constantFrom('running' as const, 'success' as const, 'error' as const),
  usd: fc.option(fc.constantFrom(...USD), { nil: undefined }),
  isEstimated: fc.boolean(),
});

const progress: fc.Arbitrary<Progress> = fc.record({
  texts: fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }),
  offBy: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1, 7) }),
  attempts: fc.array(
    attempt.map(({ usd, isEstimated, ...rest }) =>
      attemptOf({
        ...sourceOf(),
        ...rest,
        ...(usd === undefined ? {} : isEstimated ? { estimatedUsd: usd } : { usd }),
      }),
    ),
    { maxLength: 2 },
  ),
});

const lease = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(20) });
const run = fc.nat(2);
const ms = fc.constantFrom(0, 1, 499, 500, 5_000, 29_999, 30_000, 120_000);
const leaseMs = fc.constantFrom(10, 30_000, 90_000);
const retryInMs = fc.option(ms, { nil: undefined });

const parking: fc.Arbitrary<Parking> = fc.oneof(
  fc.record({ reason: fc.constantFrom('quota', 'store'), forMs: ms }),
  fc.record({ reason: fc.constant('quota'), error: fc.constant(ERROR) }),
  fc.record({ reason: fc.constant('budget'), needsUsd: fc.constantFrom(...USD) }),
);

const limits: fc.Arbitrary<Partial<RunLimits>> = fc.record(
  {
    concurrency: fc.constantFrom(1, 2, 3),
    budgetUsd: fc.constantFrom(0, 1, 3, 7.5),
    tries: fc.constantFrom(1, 2, 3),
    restarts: fc.constantFrom(0, 1),
  },
  { requiredKeys: [] },
);

const weighted = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
const of = <T extends string>(type: T) => fc.constant(type);
const write = <T extends string>(type: T) => ({ type: of(type), lease, progress });

/** Histories in which much is claimed and written, and everything else happens, too. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  weighted(4, fc.record({ type: of('create'), run, shape: fc.nat(3), hash: fc.constantFrom(0, 0, 0, 1) })),
  weighted(
    14,
    fc.record({ type: of('claim'), worker: fc.nat(3), run: fc.option(run, { nil: undefined, freq: 3 }), leaseMs }),
  ),
  weighted(2, fc.record({ type: of('renew'), lease, leaseMs })),
  weighted(8, fc.record(write('checkpoint'))),
  weighted(6, fc.record(write('commit'))),
  weighted(3, fc.record({ ...write('fail'), retryInMs })),
  weighted(2, fc.record({ ...write('reset'), retryInMs })),
  weighted(3, fc.record({ ...write('park'), parking })),
  weighted(2, fc.record(write('release'))),
  weighted(1, fc.record({ type: of('pause'), run })),
  weighted(2, fc.record({ type: of('resume'), run, limits })),
  weighted(1, fc.record({ type: of('cancel'), run, item: fc.option(fc.nat(5), { nil: undefined, freq: 3 }) })),
  weighted(1, fc.record({ type: of('prune'), olderThanMs: ms })),
  weighted(1, fc.record({ type: of('kill'), worker: fc.nat(3) })),
  weighted(5, fc.record({ type: of('pass'), ms })),
  weighted(1, fc.record({ type: of('set-clock'), byMs: fc.constantFrom(-3_600_000, -1, 3_600_000) })),
);
