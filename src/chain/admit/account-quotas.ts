import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { isQuota } from '../../core/outside/sound-infos.js';
import type { DayQuota, DayQuotas, Redact } from '../../core/ports.js';
import type { Connection } from '../../core/provider.js';
import { withinTime } from '../../core/util/within-time.js';
import { dayOf } from '../../core/util/calendar.js';

/** Dependencies of `accountQuotas`. */
export interface AccountQuotasParts {
  readonly clock: Clock;
  /** Opens the connection for one question. */
  readonly connect: () => Connection;
  /** Masks secrets in error messages, which users see. */
  readonly redact: Redact;
}

/** Longest wait: the generation matters more than its count. */
const WITHIN_MS = 10_000;

/**
 * Asks for the quota of each limit key once a day (UTC), at the first generation that needs it. Concurrent generations
 * share the answer.
 */
export function accountQuotas({ clock, connect, redact }: AccountQuotasParts): DayQuotas {
  const asked = new Map<string, { readonly day: number; answer: Promise<DayQuota | undefined> | undefined }>();
  return {
    today: ({ key, dayQuota }) => {
      if (dayQuota === undefined) return undefined;
      const day = dayOf(clock.now());
      const earlier = asked.get(key);
      if (earlier?.day === day) return earlier.answer;
      const entry = {
        day,
        answer: boundedAnswer(() => dayQuota(connect()), clock, redact) as Promise<DayQuota | undefined> | undefined,
      };
      asked.set(key, entry);
      const forget = (): void => {
        entry.answer = undefined;
      };
      entry.answer?.then(forget, forget);
      return entry.answer;
    },
  };
}

async function boundedAnswer(
  ask: () => Promise<DayQuota | undefined>,
  clock: Clock,
  redact: Redact,
): Promise<DayQuota | undefined> {
  const quota = await withinTime<DayQuota | 'late' | Error | undefined>(
    // A question that throws counts as one that fails.
    new Promise<DayQuota | undefined>((resolve) => resolve(ask())).catch((error: unknown) => toGenerationError(error)),
    { clock, ms: WITHIN_MS, otherwise: 'late' },
  );
  if (quota === 'late') throw new Error(`no answer within ${WITHIN_MS / 1000} s`);
  if (quota instanceof Error) throw new Error(redact(quota.message));
  if (quota !== undefined && !isQuota(quota)) throw new Error('the numbers in its answer cannot be true');
  return quota;
}
