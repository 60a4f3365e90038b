import { from, map, mergeAll } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import { TimeoutError } from '../../core/errors/classes.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import type {
  Admission,
  BreakerPass,
  Breakers,
  DayQuotas,
  Lease,
  LimitLease,
  LimitRefusal,
  LimitStore,
  MaybePromise,
  Slots,
} from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import { HAS_OTHER_ROUTE } from '../../core/routes.js';
import type { RateLimitSettings, RetrySettings, TimeoutSettings } from '../../core/settings.js';
import { AttemptBudget } from './attempt-budget.js';
import { AttemptTokens } from './attempt-tokens.js';
import type { BudgetPlace, Waiter } from './budget-waits.js';
import type { BudgetParts, Budgets } from './budgets.js';
import { breakerKey, circuitOpen } from './breaker.js';
import type { CredentialChoice } from './credential-choice.js';
import { effectiveKeys, partOfDay, refuseLongWait } from './rate-limit.js';
import type { Wait } from './pending.js';

/** Dependencies of `admission`. */
export interface AdmissionParts extends BudgetParts {
  readonly breakers: Breakers;
  readonly limits: LimitStore;
  /** Left out if the number of attempts at once is not limited. */
  readonly slots?: Slots | undefined;
  readonly rateLimit: RateLimitSettings;
  readonly timeouts: TimeoutSettings;
  readonly retry: RetrySettings;
  /** The most real requests of one generation. */
  readonly maxRequests: number;
  readonly random: Random;
  /** The limit keys of the request's provider, with the vendor's own limits. */
  readonly limitKeys: (request: GenerationRequest) => readonly LimitKey[];
  /** The names of a provider's credentials, if it has several. */
  readonly credentialsOf?: (provider: string) => readonly string[];
  /** Needed if `rateLimit.requestsPerDay` is `account`. */
  readonly quotas?: DayQuotas;
}

/** What an attempt shares with others. */
export interface SharedGates {
  readonly budgets: Budgets;
  /** Of a provider with several credentials. */
  readonly choice: CredentialChoice | undefined;
}

/** The gates as one attempt finds them. */
export class AttemptGates {
  private readonly ownKeys: readonly LimitKey[];
  readonly budget: AttemptBudget;
  readonly tokens: AttemptTokens;
  private readonly begunAt: number;

  constructor(
    private readonly parts: AdmissionParts,
    private readonly request: GenerationRequest,
    private readonly shared: SharedGates,
  ) {
    const { budgets, choice } = shared;
    this.begunAt = parts.clock.monotonic();
    this.ownKeys = choice === undefined ? effectiveKeys(parts.rateLimit, parts.limitKeys(request)) : [];
    this.tokens = new AttemptTokens(budgets, request);
    this.budget = new AttemptBudget(budgets, request);
  }

  /** The limit keys of the attempt: of the credential in use, if the provider has several. */
  get keys(): readonly LimitKey[] {
    return this.shared.choice?.keys ?? this.ownKeys;
  }

  /** The limit keys that name the line: of all credentials, since whoever is first takes the first that has room. */
  get lineKeys(): readonly LimitKey[] {
    return this.shared.choice?.lineKeys ?? this.ownKeys;
  }

  /** The request to send: with a lower token cap if that made it fit, and with its credential. */
  get admitted(): GenerationRequest {
    const { request } = this.budget;
    return this.shared.choice?.admitted(request) ?? request;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  get random(): Random {
    return this.parts.random;
  }

  /**
   * Fetches the account's quota before the first request of the day. If it cannot be read, the local count is used.
   * Returns undefined if there is nothing to wait for.
   */
  seedDay(): Observable<GenerationEvent> | undefined {
    const { rateLimit, limitKeys, limits, quotas } = this.parts;
    if (rateLimit.requestsPerDay !== 'account') return undefined;
    const requests = this.shared.choice?.requests ?? [this.request];
    const asked = requests.flatMap(limitKeys).flatMap((vendor) => {
      const counted = effectiveKeys(rateLimit, [vendor]);
      const quota = quotas?.today(vendor);
      return quota === undefined
        ? []
        : [quota.then((today) => today && limits.seedDay?.(counted, partOfDay(today, rateLimit)))];
    });
    return asked.length === 0 ? undefined : warningOf(Promise.all(asked));
  }

  acquirePass(isReturned: boolean): Observable<Admission<BreakerPass>> {
    const { breakers } = this.parts;
    const { choice } = this.shared;
    if (choice === undefined) return breakers.acquire(breakerKey(this.request), { isReturned });
    const request = choice.toPass((each) => this.openMs(each));
    return breakers
      .acquire(breakerKey(request), { isReturned })
      .pipe(map((step) => (step.type === 'admitted' ? { ...step, lease: choice.bound(step.lease) } : step)));
  }

  takeLimits(): MaybePromise<LimitLease | LimitRefusal> {
    const { limits } = this.parts;
    const { demand } = this.tokens;
    const { choice } = this.shared;
    if (choice === undefined) return limits.take(this.ownKeys, demand);
    return choice.take(
      (keys) => limits.take(keys, demand),
      (request) => this.openMs(request),
    );
  }

  /** Milliseconds until the breaker of a request lets a call through, as far as is known; 0 if it is closed. */
  private openMs(request: GenerationRequest): number {
    const { breakers } = this.parts;
    const name = breakerKey(request);
    if (!breakers.isOpen(name)) return 0;
    return breakers.standings?.().find(({ key }) => key === name)?.retryInMs ?? Infinity;
  }

  acquireSlot(isReturned: boolean): Observable<Admission<Lease>> | undefined {
    return this.parts.slots?.acquire(this.request.provider, { isReturned });
  }

  /** Whether a part does not signal that room has become free, so that it must be asked again. */
  isSilent(part: 'limits' | 'spending'): boolean {
    return this.parts[part].changes$ === undefined;
  }

  /** A place among the attempts of a line that wait for the same budget. */
  budgetPlace(scope: string, waiter: Waiter): BudgetPlace {
    return this.shared.budgets.placeFor(scope, this.request, waiter);
  }

  /**
   * @param silentSince monotonic milliseconds since which the limits or budgets have not been decided
   * @throws GenerationError if the attempt cannot, or need not, wait that long
   */
  checkWait(wait: Wait, silentSince: number | undefined): void {
    const { request, parts } = this;
    if (wait.for === 'breaker' && request.context.get(HAS_OTHER_ROUTE)) throw circuitOpen(request, wait.untilMs);
    if (wait.for === 'quota' && wait.untilMs !== undefined) refuseLongWait(parts, request, wait.untilMs);
    if (wait.for === 'store' && silentSince !== undefined) this.checkPatience(wait, silentSince);
  }

  /** @param wait what the attempt waited for; undefined if no gate has said */
  queueTimeout(queueMs: number, wait: Wait | undefined): TimeoutError {
    const { untilMs } = wait ?? {};
    return new TimeoutError(
      'queue',
      `The request waited longer than ${queueMs} ms for ${wait === undefined ? 'admission' : WAITED_FOR[wait.for]}. Raise timeouts.queueMs or the limit.`,
      untilMs === undefined ? {} : { retryAt: untilMs },
    );
  }

  private checkPatience({ detail }: Wait, silentSince: number): void {
    const { clock, retry } = this.parts;
    const patienceMs = { ...retry, ...this.request.overrides.retry }.maxRetryAfterMs;
    if (clock.monotonic() - Math.max(silentSince, this.begunAt) < patienceMs) return;
    throw new GenerationError(
      'unavailable',
      `The limits and budgets could not be checked for ${patienceMs} ms (retry.maxRetryAfterMs): ${detail ?? 'their store does not decide'}. Nothing was sent. Try again later; pipeline.parts() shows which part fails.`,
      { retryable: true },
    );
  }
}

/** Waits for the quotas. Emits a warning if one cannot be read. */
function warningOf(seeded: Promise<unknown>): Observable<GenerationEvent> {
  const warnings = seeded.then(
    () => [],
    (error: unknown): GenerationEvent[] => [
      {
        type: 'warning',
        about: 'rate-limit',
        message: `Cannot read the daily quota, so only local requests are counted: ${error instanceof Error ? error.message : String(error)}`,
      },
    ],
  );
  return from(warnings).pipe(mergeAll());
}

const WAITED_FOR: Readonly<Record<Wait['for'], string>> = {
  'rate-limit': 'the rate limit',
  quota: 'the quota',
  breaker: 'the breaker',
  slot: 'a slot',
  budget: 'the budget',
  'retry-budget': 'the retry budget',
  store: 'a store that does not answer',
};
