import type { BreakerPass, Breakers, BreakerVerdict } from '../../core/ports.js';
import { must } from '../must.js';
import { admittedOf, Caller } from '../port-contract/caller.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortScene, PortWorld } from '../port-contract/scene.js';

/** The surroundings of breakers under proof. */
export interface BreakersWorld extends PortWorld {
  readonly settings: {
    /** Failure rate, 0 to 1, that opens a breaker. */
    readonly failureRate: number;
    /** Calls in the window below which the rate is not judged. */
    readonly minimumCalls: number;
    readonly windowMs: number;
    /** Consecutive connection failures that open a breaker, whatever the rate. */
    readonly connectionFailures: number;
    /** Duration of the open state, lengthened by up to a tenth. Doubles each time a probe fails, up to `longestOpenMs`. */
    readonly openMs: number;
    readonly longestOpenMs: number;
    /** Time after which the next probe is admitted, though one is still running. */
    readonly probeLeaseMs: number;
  };
}

/** Makes the breakers under proof, as two processes see them. */
export type MakeBreakers = MakePort<Breakers, BreakersWorld>;

export type BreakersScene = PortScene<Breakers>;

export const SETTINGS = {
  failureRate: 0.5,
  minimumCalls: 4,
  windowMs: 60_000,
  connectionFailures: 3,
  openMs: 10_000,
  longestOpenMs: 30_000,
  probeLeaseMs: 5_000,
} as const;

/** The share by which an opening may be longer. */
const LONGER = 1.1;

export const by = checkWith<Breakers, BreakersWorld>({ settings: SETTINGS });

export const call = (breakers: Breakers, key = 'a', isReturned = false): Caller<BreakerPass> =>
  new Caller(breakers.acquire(key, { isReturned }));

/** Makes one call after the other, in one process and the other, with these results. */
export async function callsWith({ first, second, quiet }: BreakersScene, verdicts: readonly BreakerVerdict[]) {
  for (const [index, verdict] of verdicts.entries()) {
    const caller = call(index % 2 === 0 ? first : second);
    await quiet();
    caller.lease.record(verdict);
    await quiet();
  }
}

/** Opens the breaker `a`. */
export async function open(scene: BreakersScene): Promise<void> {
  await callsWith(scene, ['connection-failure', 'connection-failure', 'connection-failure']);
}

/** Lets the open time pass, and returns the probe. */
export async function probe(scene: BreakersScene, openMs: number = SETTINGS.openMs): Promise<Caller<BreakerPass>> {
  await scene.pass(openMs * LONGER + 1);
  const caller = call(scene.second);
  await scene.quiet();
  must(caller.lease.isProbe, 'The first call after the open time is not a probe.');
  return caller;
}

/** How many of two new callers, one in each process, are admitted. They leave. */
export async function admittedNow({ first, second, quiet }: BreakersScene): Promise<number> {
  const callers = [call(first), call(second)];
  await quiet();
  const admitted = admittedOf(callers);
  for (const caller of callers) {
    if (caller.isAdmitted) caller.lease.release();
    caller.leave();
  }
  await quiet();
  return admitted;
}
