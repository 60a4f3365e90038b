import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { DayQuota, DayQuotas, Redact } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { withinTime } from '../../core/util/within-time.js';
import { dayOf } from '../../core/util/calendar.js';

/** Dependencies of `accountQuotas`. */
export interface AccountQuotasParts {
  readonly clock: Clock;
  /** Asks a provider for the key's daily quota; undefined if it reports none. */
  readonly ask: (provider: string) => Promise<DayQuota | undefined>;
  /** Masks secrets in error messages, which users see. */
  readonly redact: Redact;
}

/** Longest wait: the generation matters more than its count. */
const WITHIN_MS = 10_000;

/**
 * Asks each provider for its quota once a day (UTC), at the first generation that needs it. Concurrent generations
 * share the answer.
 */
export function accountQuotas({ clock, ask, redact }: AccountQuotasParts): DayQuotas {
  const asked = new Map<string, { readonly day: number; answer: Promise<DayQuota | undefined> | undefined }>();
  return {
    today: ({ provider }: Pick<GenerationRequest, 'provider'>) => {
      const day = dayOf(clock.now());
      const earlier = asked.get(provider);
      if (earlier?.day === day) return earlier.answer;
      const entry = {
        day,
        answer: boundedAnswer(ask(provider), clock, redact) as Promise<DayQuota | undefined> | undefined,
      };
      asked.set(provider, entry);
      const forget = (): void => {
        entry.answer = undefined;
      };
      entry.answer?.then(forget, forget);
      return entry.answer;
    },
  };
}

async function boundedAnswer(
  answer: Promise<DayQuota | undefined>,
  clock: Clock,
  redact: Redact,
): Promise<DayQuota | undefined> {
  const quota = await withinTime<DayQuota | 'late' | Error | undefined>(
    answer.catch((error: unknown) => toGenerationError(error)),
    { clock, ms: WITHIN_MS, otherwise: 'late' },
  );
  if (quota === 'late') throw new Error(`no answer within ${WITHIN_MS / 1000} s`);
  if (quota instanceof Error) throw new Error(redact(quota.message));
  return quota;
}
