import type { Clock, Random } from '../../core/clock.js';
import { CREDENTIAL } from '../../core/credential.js';
import { TimeoutError } from '../../core/errors/classes.js';
import type { TimeoutTimer } from '../../core/errors/classes.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { BreakerPass, Breakers, BreakerStanding, BreakerVerdict } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { once } from '../../core/util/once.js';
import { CircuitBreaker } from './circuit.js';
import type { BreakerSettings } from './circuit.js';
import { queuesBy } from './queue.js';
import type { Issuer } from './queue.js';

/** Names the breaker of a request: one for each provider and model, and for each of several credentials. */
export function breakerKey({ provider, model, context }: GenerationRequest): string {
  const credential = context.get(CREDENTIAL);
  return credential === undefined ? `${provider}/${model}` : `${provider}/${model} ${credential}`;
}

/**
 * The error of an attempt that an open breaker rejects. Nothing was sent.
 * @param untilMs epoch milliseconds of the next attempt, if known
 */
export function circuitOpen({ provider, model }: GenerationRequest, untilMs: number | undefined): GenerationError {
  const next = untilMs === undefined ? '' : ` Next attempt at ${new Date(untilMs).toISOString()}.`;
  return new GenerationError('circuit-open', `Circuit open: "${provider}" keeps failing with ${model}.${next}`, {
    provider,
    model,
    ...(untilMs !== undefined && { retryAt: untilMs }),
  });
}

/**
 * Judges the server by a failure. Once content has arrived, the server was reachable, though its connections may break.
 */
export function verdictOn(error: GenerationError, hasContent: boolean): BreakerVerdict {
  switch (error.code) {
    case 'connection':
    case 'dns':
      return hasContent ? 'failure' : 'connection-failure';
    case 'timeout':
      return error instanceof TimeoutError ? VERDICT_ON_TIMER[error.timer] : 'failure';
    case 'server-error':
    case 'overloaded':
    case 'truncated':
    case 'empty-answer':
    case 'malformed-answer':
    case 'unexpected-content':
    case 'protocol':
    case 'tls':
      return 'failure';
    default:
      return 'neutral';
  }
}

const VERDICT_ON_TIMER: Readonly<Record<TimeoutTimer, BreakerVerdict>> = {
  connect: 'connection-failure',
  headers: 'failure',
  'first-token': 'failure',
  idle: 'failure',
  'content-idle': 'failure',
  attempt: 'failure',
  queue: 'neutral',
  deadline: 'neutral',
};

/** Circuit breakers of one process, by key. While one is open, callers queue; the first becomes the probe. */
export function localBreakers(clock: Clock, random: Random, settings: BreakerSettings): Breakers {
  const issuers = new Map<string, PassIssuer>();
  const queueOf = queuesBy<PassIssuer, BreakerPass>(clock, (onChange, key) => {
    const issuer = new PassIssuer(new CircuitBreaker(settings, random), clock, onChange);
    issuers.set(key, issuer);
    return issuer;
  });
  return {
    acquire: (key, options) => queueOf(key).queue.acquire(options),
    isOpen: (key) => {
      const now = clock.monotonic();
      return queueOf(key).issuer.availableAt(now) > now;
    },
    standings: () => {
      const now = clock.monotonic();
      return [...issuers].map(([key, issuer]) => ({ key, ...issuer.standingAt(now) }));
    },
  };
}

class PassIssuer implements Issuer<BreakerPass> {
  readonly waitReason = 'breaker';

  constructor(
    private readonly breaker: CircuitBreaker,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  availableAt(now: number): number {
    return this.breaker.availableAt(now);
  }

  standingAt(now: number): Omit<BreakerStanding, 'key'> {
    const state = this.breaker.stateAt(now);
    return state === 'closed' ? { state } : { state, retryInMs: this.breaker.availableAt(now) - now };
  }

  issue(now: number): BreakerPass {
    const pass = this.breaker.enter(now);
    const record = once((verdict: BreakerVerdict): void => {
      this.breaker.record(pass, verdict, this.clock.monotonic());
      this.onChange();
    });
    return {
      isProbe: pass.isProbe,
      isValid: () => this.breaker.isValid(pass),
      record,
      release: () => record('neutral'),
    };
  }
}
