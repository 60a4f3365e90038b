import type { LimitKey, LimitLease, LimitRefusal, LimitStore } from 'scriptorium/plugin';
import type { ManualClock } from 'scriptorium/testing';
import { LEASE_MS } from '../../../../plugins/redis/limits/limit-commands.js';
import { redisLimits } from '../../../../plugins/redis/limits/redis-limits.js';
import { BEAT_MS } from '../../../../plugins/redis/workers/times.js';
import { limiters } from '../../../../src/chain/admit/limiters.js';
import { localLimits } from '../../../../src/chain/admit/local-limits.js';
import { memoryStateStore } from '../../../../src/chain/admit/state-store.js';
import type { History, Step } from './a-history.js';
import type { CountedConnection } from './counted-connection.js';

const STEP_MS = 100_000;
let pipelines = 0;
const ignore = (): void => undefined;

/** Where a history is played. */
export interface Stage {
  readonly clock: ManualClock;
  readonly connection: CountedConnection;
  /** Keeps histories in one Redis apart. */
  readonly name: string;
}

/** Answers, one for each `take`. */
export interface Played {
  readonly expected: readonly unknown[];
  readonly got: readonly unknown[];
}

/** Plays a history on the local store and on Redis at once. */
export async function play(history: History, { clock, connection, name }: Stage): Promise<Played> {
  const keys = history.keys.map((each) => each.map((key): LimitKey => ({ ...key, key: `${key.key}-${name}` })));
  const [shared, store] = [{ limiters: limiters(), isShared: () => true }, memoryStateStore()];
  const local = new Side(
    history.skewMs.map((skewMs) => localLimits({ clock, skewMs, store, shared })),
    clock,
    keys,
  );
  const remote = new Side(
    history.skewMs.map((skewMs) =>
      redisLimits({
        connection,
        clock,
        logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
        parts: 0,
        config: () => ({ rateLimit: { skewMs } }),
        random: () => () => (pipelines += 1) / 1e6,
        time: () => clock.now(),
      }),
    ),
    clock,
    keys,
  );
  // A pipeline has taken before it reports anything.
  for (const at of [0, 1]) await remote.do({ type: 'take', pipeline: at, keys: 0, prompt: 0, cap: 0 });
  remote.answers.length = 0;
  for (const step of history.steps) {
    if (step.type === 'advance') {
      for (const side of [local, remote]) side.beforeAdvance(step.ms);
      await advance(step.ms, { clock, connection });
    } else for (const side of [local, remote]) await side.do(step);
  }
  await remote.leave();
  return { expected: local.answers, got: remote.answers };
}

/** Workers show themselves all the time: in steps that are shorter than the time after which they would be forgotten. */
async function advance(ms: number, { clock, connection }: Pick<Stage, 'clock' | 'connection'>): Promise<void> {
  for (let rest = ms; rest > 0; rest -= STEP_MS) {
    const step = Math.min(rest, STEP_MS);
    // The answer to the first beat comes late, and that to the second one in time.
    for (const part of [Math.max(step - 2 * BEAT_MS, 0), Math.min(step / 2, BEAT_MS), Math.min(step / 2, BEAT_MS)]) {
      clock.advance(part);
      await connection.settled();
    }
  }
}

interface Held {
  readonly lease: LimitLease;
  readonly takenAt: number;
  isSent: boolean;
}

/** The stores of all pipelines, on one side. */
class Side {
  readonly answers: unknown[] = [];
  private readonly leases = new Map<number, Held>();

  constructor(
    private readonly stores: readonly (LimitStore & { leave?(): Promise<void> })[],
    private readonly clock: ManualClock,
    private readonly keys: readonly (readonly LimitKey[])[],
  ) {}

  /** A lease does not last for ever in Redis. */
  beforeAdvance(ms: number): void {
    for (const held of this.leases.values())
      if (!held.isSent && this.clock.monotonic() + ms - held.takenAt >= LEASE_MS) {
        held.lease.sent();
        held.isSent = true;
      }
  }

  async leave(): Promise<void> {
    for (const store of this.stores) await store.leave?.();
  }

  async do(step: Exclude<Step, { type: 'advance' }>): Promise<void> {
    if (step.type === 'take') await this.take(step);
    else if (step.type === 'pause') this.stores[step.pipeline]!.pause(this.named(step), step.ms);
    else if (step.type === 'seed') this.stores[step.pipeline]!.seedDay!(this.named({ ...step, keys: 3 }), step);
    else this.report(step);
  }

  private async take(step: Extract<Step, { type: 'take' }>): Promise<void> {
    const demand = { promptTokens: step.prompt, outputCap: step.cap };
    const answer: LimitLease | LimitRefusal = await this.stores[step.pipeline]!.take(this.named(step), demand);
    if ('isValid' in answer)
      this.leases.set(this.answers.length, { lease: answer, takenAt: this.clock.monotonic(), isSent: false });
    this.answers.push('isValid' in answer ? 'admitted' : answer);
  }

  private report(step: Extract<Step, { lease: number }>): void {
    const held = this.leases.get(step.lease);
    if (held === undefined) return;
    if (step.type === 'settle') {
      held.lease.settle({ inputTokens: 10, outputTokens: step.output, source: step.source });
      return;
    }
    held.isSent = true;
    held.lease[step.type]();
  }

  private named({ pipeline, keys }: { readonly pipeline: number; readonly keys: number }): readonly LimitKey[] {
    return this.keys[pipeline]!.filter((_, index) => (keys & (1 << index)) !== 0);
  }
}
