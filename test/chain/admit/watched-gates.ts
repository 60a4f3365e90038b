import { NEVER, of, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { AdmissionParts } from '../../../src/chain/admit/attempt-gates.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type {
  AcquireOptions,
  Admission,
  BreakerPass,
  Lease,
  LimitLease,
  LimitRefusal,
  MaybePromise,
  Reservation,
  SpendingRefusal,
} from '../../../src/core/ports.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { stateOf } from '../../../src/core/state.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, watch } from '../chain.js';
import { anAdmission, NO_BUDGETS } from './admission-parts.js';

type GateName = 'pass' | 'limits' | 'slot' | 'reservation';

/** A lease of any gate, with what came of it. */
export interface WatchedLease extends BreakerPass {
  sent(): void;
  settle(used: object): void;
  readonly gate: GateName;
  isProbe: boolean;
  /** What `isValid` returns. */
  valid: boolean;
  /** Whether it has not been given back. */
  isLive: boolean;
}

/** What each gate answers to the next question. */
export interface Answers {
  pass: (options: AcquireOptions) => Observable<Admission<BreakerPass>>;
  limits: () => MaybePromise<LimitLease | LimitRefusal>;
  slot: (options: AcquireOptions) => Observable<Admission<Lease>>;
  reservation: () => MaybePromise<Reservation | SpendingRefusal>;
}

/** An admission whose gates answer as the test says. Every gate admits at once until then. */
export function watchedGates(parts: Partial<AdmissionParts> = {}) {
  const clock = new ManualClock();
  /** `+limits` for a lease that was issued, `-limits` for one given back, `attempt` for a start. */
  const log: string[] = [];
  const leases: WatchedLease[] = [];
  const issue = (gate: GateName, isProbe = false): WatchedLease => {
    const made = lease(gate, log, isProbe);
    leases.push(made);
    return made;
  };
  const admitted = (gate: GateName): Observable<Admission<WatchedLease>> =>
    of({ type: 'admitted', lease: issue(gate) } as const);
  const answers: Answers = {
    pass: () => admitted('pass'),
    limits: () => issue('limits'),
    slot: () => admitted('slot'),
    reservation: () => issue('reservation'),
  };
  const changes = { limits: new Subject<void>(), spending: new Subject<void>() };
  const interceptor = anAdmission(clock, {
    breakers: { acquire: (_key, options = {}) => answers.pass(options), isOpen: () => false },
    limits: { take: () => answers.limits(), pause: () => undefined, changes$: changes.limits },
    slots: { acquire: (_key, options = {}) => answers.slot(options) },
    spending: { reserve: () => answers.reservation(), changes$: changes.spending },
    budget: { ...NO_BUDGETS, processTokens: 1_000_000 },
    ...parts,
  });
  const generate = (request: Partial<GenerationRequest> = {}, attempt: Observable<GenerationEvent> = NEVER) => {
    let attempts = 0;
    const open = chain(() => {
      log.push('attempt');
      attempts += 1;
      return attempt;
    }, interceptor);
    const whole = aRequest(request);
    const run = watch(open(whole));
    return { run, state: stateOf(whole), isBegun: () => attempts > 0 };
  };
  return {
    clock,
    log,
    answers,
    changes,
    issue,
    generate,
    /** The gates whose leases have not been given back. */
    held: () => leases.filter(({ isLive }) => isLive).map(({ gate }) => gate),
  };
}

/** An attempt that ends at once. */
export const SHORT: Observable<GenerationEvent> = of(anEnd());

function lease(gate: GateName, log: string[], isProbe: boolean): WatchedLease {
  log.push(`+${gate}`);
  let isSent = false;
  const end = (): void => {
    if (!made.isLive) return;
    made.isLive = false;
    log.push(`-${gate}`);
  };
  const made: WatchedLease = {
    gate,
    isProbe,
    valid: true,
    isLive: true,
    isValid: () => made.valid,
    release: () => {
      if (!isSent) end();
    },
    record: end,
    sent: () => {
      isSent = true;
    },
    settle: () => {
      if (gate !== 'limits' || isSent) end();
    },
  };
  return made;
}
