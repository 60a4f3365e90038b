import type { Clock } from '../../core/clock.js';
import { CREDENTIAL } from '../../core/credential.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { BreakerPass, LimitLease, LimitRefusal, MaybePromise } from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import { ASK_AGAIN_MS } from '../../core/util/ask-again.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import type { CredentialPool, PooledCredential } from './credential-pool.js';
import { isLease } from './pending.js';

/** A credential that an attempt may use. */
interface Candidate {
  readonly credential: PooledCredential;
  readonly request: GenerationRequest;
  readonly keys: readonly LimitKey[];
}

/** The credentials that have refused a generation, by their failures. */
export type Refusals = ReadonlyMap<PooledCredential, GenerationError>;

export const NO_REFUSALS: Refusals = new Map();

/** Dependencies of `CredentialChoice`. */
export interface ChoiceParts {
  readonly pool: CredentialPool;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly keysOf: (request: GenerationRequest) => readonly LimitKey[];
}

/** How a generation goes on with another credential. */
export interface Move {
  readonly refusals: Refusals;
  readonly warnings: readonly string[];
}

/** The failures of a credential, and not of the request or the server. */
const REFUSALS: ReadonlySet<string> = new Set([
  'authentication',
  'payment-required',
  'permission',
  'quota',
  'rate-limit',
]);

/**
 * The choice of a credential for one attempt. The least used one is taken at first; where it has no room, another one that
 * has; and where none has, the first that will.
 */
export class CredentialChoice {
  private readonly candidates: readonly Candidate[];
  private current: Candidate;
  private isCounted = false;
  private hasAnswered = false;

  constructor(
    private readonly parts: ChoiceParts,
    request: GenerationRequest,
  ) {
    const { pool, clock, refusals, keysOf } = parts;
    const all = pool.all.map((credential) => {
      const own = withCredential(request, credential.name);
      return { credential, request: own, keys: keysOf(own) };
    });
    this.lineKeys = all.flatMap(({ keys }) => keys);
    const open = new Set(pool.open(clock.now()));
    const [left, others] = [
      all.filter(({ credential }) => open.has(credential)),
      all.filter(({ credential }) => open.has(credential) && !refusals.has(credential)),
    ];
    // If none is left, the last refusal is heard once more.
    const candidates = [others, left, all].find(({ length }) => length > 0) ?? all;
    this.candidates = candidates;
    this.current = this.leastUsed();
  }

  /** The limit keys of all credentials. */
  readonly lineKeys: readonly LimitKey[];

  /** The limit keys of the credential in use. */
  get keys(): readonly LimitKey[] {
    return this.current.keys;
  }

  /** The request with each credential that may be used. */
  get requests(): readonly GenerationRequest[] {
    return this.candidates.map(({ request }) => request);
  }

  /** The request with the credential in use. */
  admitted(request: GenerationRequest): GenerationRequest {
    return withCredential(request, this.current.credential.name);
  }

  /**
   * The request whose breaker is to be asked: that of the credential in use, or of another one while it is open.
   * @param waitMs how long the breaker of a request stays open; 0 if it is closed
   */
  toPass(waitMs: (request: GenerationRequest) => number): GenerationRequest {
    const waits = this.inOrder().map((candidate) => ({ candidate, ms: waitMs(candidate.request) }));
    const [soonest] = waits.sort((a, b) => a.ms - b.ms);
    if (soonest !== undefined) this.use(soonest.candidate);
    return this.current.request;
  }

  /** A pass is valid only for the credential that it was issued for. */
  bound(pass: BreakerPass): BreakerPass {
    const { current } = this;
    return {
      isProbe: pass.isProbe,
      isValid: () => current === this.current && pass.isValid(),
      record: (verdict) => pass.record(verdict),
      release: () => pass.release(),
    };
  }

  /**
   * Takes the limits of the credential in use, or of the first other one that has room and whose breaker is closed. The
   * pass is void then, and the attempt asks for another. The wait is the shortest of all.
   */
  take(
    take: (keys: readonly LimitKey[]) => MaybePromise<LimitLease | LimitRefusal>,
    waitMs: (request: GenerationRequest) => number,
  ): MaybePromise<LimitLease | LimitRefusal> {
    const next = (
      [candidate, ...others]: readonly Candidate[],
      refusal: LimitRefusal | undefined,
    ): MaybePromise<LimitLease | LimitRefusal> => {
      if (candidate === undefined) return refusal ?? { reason: 'store' };
      const openMs = candidate === this.current ? 0 : waitMs(candidate.request);
      if (openMs > 0) return next(others, shorter(refusal, brokenFor(openMs)));
      return afterwards(take(candidate.keys), (answer) => {
        if (!isLease(answer)) return next(others, shorter(refusal, answer));
        this.use(candidate);
        return answer;
      });
    };
    return next(this.inOrder(), undefined);
  }

  /** The attempt waits, and counts as a use. */
  enter(): void {
    this.isCounted = true;
    this.current = this.leastUsed();
    this.current.credential.uses += 1;
  }

  /** The attempt is sent with the credential in use. */
  begun(): void {
    this.current.credential.total += 1;
  }

  /** The attempt has ended, or has left before it began. */
  release(): void {
    if (!this.isCounted) return;
    this.isCounted = false;
    this.current.credential.uses -= 1;
  }

  /**
   * Learns from a failure. Returns undefined if the generation does not go on with another credential.
   * @param isPaused the server's pause keeps the credential from being used
   */
  learn(failure: GenerationError, isPaused: boolean): Move | undefined {
    if (!REFUSALS.has(failure.code)) return undefined;
    const { pool, clock, refusals } = this.parts;
    const { credential } = this.current;
    const now = clock.now();
    const isOther = (each: PooledCredential): boolean => each !== credential && !refusals.has(each);
    if (!pool.open(now).some(isOther)) return undefined;
    return {
      refusals: isPaused ? refusals : new Map([...refusals, [credential, failure]]),
      warnings: isLost(failure) ? pool.leaveOut(credential, failure, now) : [],
    };
  }

  /**
   * The credential in use has answered. Those that may not do what it may (403) are left out from now on: had all refused,
   * the request would be at fault.
   * @returns a warning for each of them
   */
  answered(): readonly string[] {
    const { pool, clock, refusals } = this.parts;
    if (refusals.size === 0 || this.hasAnswered) return [];
    this.hasAnswered = true;
    return [...refusals]
      .filter(([, { code }]) => code === 'permission')
      .flatMap(([credential, failure]) => pool.leaveOut(credential, failure, clock.now()));
  }

  /** The one in use first. */
  private inOrder(): readonly Candidate[] {
    return [this.current, ...this.candidates.filter((candidate) => candidate !== this.current)];
  }

  /** By attempts under way, then by all attempts, then in their configured order. */
  private leastUsed(): Candidate {
    const [first] = [...this.candidates].sort(
      ({ credential: a }, { credential: b }) => a.uses - b.uses || a.total - b.total,
    );
    if (first === undefined) throw new RangeError('A pool has no credentials.');
    return first;
  }

  private use(candidate: Candidate): void {
    if (candidate === this.current) return;
    if (this.isCounted) {
      this.current.credential.uses -= 1;
      candidate.credential.uses += 1;
    }
    this.current = candidate;
  }
}

function withCredential(request: GenerationRequest, name: string): GenerationRequest {
  return { ...request, context: request.context.with(CREDENTIAL, name) };
}

/** Whether a key is wrong or has no credit. One that cannot afford this much may afford less. */
function isLost({ code, affordableTokens, retryAt }: GenerationError): boolean {
  if (code === 'quota') return retryAt === undefined;
  return code === 'authentication' || (code === 'payment-required' && affordableTokens === undefined);
}

/** A breaker that lets a probe through at any moment is asked again a little later. */
function brokenFor(ms: number): LimitRefusal {
  return { reason: 'rate-limit', ...(ms < Infinity && { retryInMs: Math.max(ms, ASK_AGAIN_MS) }) };
}

function shorter(one: LimitRefusal | undefined, other: LimitRefusal): LimitRefusal {
  if (one === undefined) return other;
  return (other.retryInMs ?? Infinity) < (one.retryInMs ?? Infinity) ? other : one;
}
