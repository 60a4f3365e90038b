import type { Clock } from '../../core/clock.js';
import { isUsage } from '../../core/event-shapes.js';
import { isQuota } from '../../core/outside/sound-infos.js';
import { soundUsage } from '../../core/outside/sound-usage.js';
import type {
  DayQuota,
  DayQuotas,
  LateUsage,
  ModelSpeed,
  ModelSpeeds,
  RecordStat,
  ReportUsage,
} from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import type { Stat } from '../../core/stats.js';
import { dayOf } from '../../core/util/calendar.js';
import { hasMethods } from '../../core/util/has-methods.js';
import { isPromise, notAPromise } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';
import { withinTime } from '../../core/util/within-time.js';
import type { DependencyContainer } from '../container.js';
import { FAULTS } from '../internal-tokens.js';
import { CLOCK, DAY_QUOTAS, MODEL_SPEEDS, RECONCILER, RECORD_STAT } from '../tokens.js';

// The parts beside the ports that programs may replace. They observe or advise: whatever one throws, rejects with, or
// answers, no generation fails for it. Each kind of fault is one warning.

/** Longest wait for the quota of a day: the generation matters more than its count. */
const QUOTA_MS = 15_000;
const UNKNOWN_SPEED: ModelSpeed = { tries: 0 };

/** Hands a stat to every sink, and never throws. */
export function recordStatOf(container: DependencyContainer): RecordStat {
  const record: (stat: Stat) => unknown = container.resolve(RECORD_STAT);
  const report = container.resolve(FAULTS);
  return (stat) => {
    try {
      const recording = record(stat);
      if (isPromise(recording))
        recording.then(undefined, (error: unknown) => report('The recorder', 'rejected', error));
    } catch (error) {
      report('The recorder', 'threw', error);
    }
  };
}

/** The speeds of models; a speed that cannot be true counts as unknown. */
export function modelSpeedsOf(container: DependencyContainer): ModelSpeeds {
  const speeds = container.resolve(MODEL_SPEEDS);
  const report = container.resolve(FAULTS);
  return {
    of: (provider, model) => {
      try {
        const speed = notAPromise(speeds.of(provider, model));
        if (isSpeed(speed)) return speed;
        report('The part "model-speeds"', 'gave a speed that cannot be true');
      } catch (error) {
        report('The part "model-speeds"', 'threw', error);
      }
      return UNKNOWN_SPEED;
    },
  };
}

function isSpeed(value: unknown): value is ModelSpeed {
  const { tries, timeToFirstTokenMs = 0, tokensPerSecond = 1 } = (value ?? {}) as Partial<ModelSpeed>;
  return [tries, timeToFirstTokenMs, tokensPerSecond].every(
    (number) => typeof number === 'number' && number >= 0 && Number.isFinite(number),
  );
}

/**
 * The daily quotas. A question that throws or has no answer in time rejects, which is a warning of the generation; the key is
 * not asked about again that day.
 */
export function dayQuotasOf(container: DependencyContainer): DayQuotas {
  const [quotas, clock] = [container.resolve(DAY_QUOTAS), container.resolve(CLOCK)];
  const failed = new Map<string, number>();
  return {
    today: (key) => {
      const day = dayOf(clock.now());
      if (failed.get(key.key) === day) return undefined;
      const answer = ask(key);
      answer?.catch(() => failed.set(key.key, day));
      return answer;
    },
  };

  function ask(key: LimitKey): Promise<DayQuota | undefined> | undefined {
    try {
      const answer: unknown = quotas.today(key);
      return answer === undefined ? undefined : quotaInTime(Promise.resolve(answer), clock);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

async function quotaInTime(answer: Promise<unknown>, clock: Clock): Promise<DayQuota | undefined> {
  const late: unknown = Symbol('late');
  const quota = await withinTime(answer, { clock, ms: QUOTA_MS, otherwise: late });
  if (quota === undefined || isQuota(quota)) return quota;
  throw new Error(quota === late ? `no answer within ${QUOTA_MS / 1_000} s` : 'its numbers cannot be true');
}

/** Reports usage that becomes known later; undefined if the reconciler, a sink of a program's own, does not. */
export function lateUsageOf(container: DependencyContainer): LateUsage | undefined {
  const reconciler = container.resolve(RECONCILER) as Partial<LateUsage>;
  const report = container.resolve(FAULTS);
  if (!hasMethods(reconciler, 'whenKnown')) return undefined;
  const lateUsage = reconciler as LateUsage;
  return {
    whenKnown: (attempt, reportUsage) => {
      const late = new LateReport(reportUsage);
      try {
        late.accept(notAPromise(lateUsage.whenKnown(attempt, (usage) => late.report(usage))));
      } catch (error) {
        report('The reconciler', 'threw', error);
      }
      return late.isAccepted;
    },
  };
}

/** One report of usage: once, and only after the question was answered with yes. */
class LateReport {
  isAccepted = false;
  private early: { readonly usage: unknown } | undefined;
  private readonly pass: (usage: unknown) => void;

  constructor(pass: ReportUsage) {
    this.pass = once((usage: unknown) => pass(isUsage(usage) ? soundUsage(usage) : undefined));
  }

  accept(isAsked: unknown): void {
    this.isAccepted = isAsked === true;
    const { early } = this;
    if (this.isAccepted && early !== undefined) queueMicrotask(() => this.pass(early.usage));
  }

  report(usage: unknown): void {
    if (this.isAccepted) this.pass(usage);
    else this.early = { usage };
  }
}
