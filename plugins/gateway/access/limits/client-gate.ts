import { AbortError, RateLimitError } from 'scriptorium';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { Admitted } from '../access.js';
import type { ClientState } from '../client.js';
import type { Policy } from '../policy.js';
import { ClientLimits } from './client-limits.js';
import type { Limits } from './client-limits.js';

/** How long a generation waits for its client's limits, where the policy does not say. */
const USUAL_WAIT_MS = 60_000;
/** The least time after which a client comes back to a line that nothing has moved. */
const ASK_AGAIN_MS = 1_000;

/** The parts of a gate. */
export interface ClientGateParts {
  /** The name of the client. */
  readonly name: string;
  readonly clock: Clock;
}

interface Waiter {
  readonly policy: Policy;
  readonly admit: (admitted: Admitted) => void;
  readonly refuse: (error: Error) => void;
}

/** The line in front of a client's limits: first come, first served. */
export class ClientGate {
  private readonly waiters = new Set<Waiter>();
  private readonly limits = new ClientLimits();
  private cancelTimer: Cancel = () => undefined;
  private lastLimits: Limits = {};

  constructor(private readonly parts: ClientGateParts) {}

  /** Waits for a place, until one of the signals is aborted. @throws GenerationError `rate-limit` after the policy's `maxWaitMs`, or `aborted` */
  admit(policy: Policy, signals: readonly AbortSignal[]): Promise<Admitted> {
    this.lastLimits = policy.limits ?? {};
    return new Promise((resolve, reject) => {
      if (signals.some(({ aborted }) => aborted)) {
        reject(gone());
        return;
      }
      const leave = (): void => {
        cancelTimer();
        // A key's signal lives long: nothing of a request may stay with it.
        for (const signal of signals) signal.removeEventListener('abort', abort);
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        policy,
        admit: (admitted) => {
          leave();
          resolve(admitted);
        },
        refuse: (error) => {
          leave();
          reject(error);
          this.serve();
        },
      };
      const abort = (): void => waiter.refuse(gone());
      const maxWaitMs = policy.maxWaitMs ?? USUAL_WAIT_MS;
      const cancelTimer = this.parts.clock.setTimer(maxWaitMs, () => waiter.refuse(this.tooLong(policy, maxWaitMs)));
      for (const signal of signals) signal.addEventListener('abort', abort);
      this.waiters.add(waiter);
      this.serve();
    });
  }

  /** The line, and what is used of the limits. */
  state(): Omit<ClientState, 'name'> {
    const uses = this.limits.usesAt(this.parts.clock.monotonic(), this.lastLimits);
    return { ...uses, waiting: this.waiters.size };
  }

  /** Admits all whose time has come. */
  private serve(): void {
    this.cancelTimer();
    const { clock } = this.parts;
    for (const head of this.waiters) {
      const { limits = {} } = head.policy;
      const now = clock.monotonic();
      const at = this.limits.availableAt(now, limits);
      if (at !== now) {
        if (at !== undefined) this.cancelTimer = clock.setTimer(at - now, () => this.serve());
        return;
      }
      head.admit(this.admitted(limits));
    }
  }

  private admitted(limits: Limits): Admitted {
    const { clock } = this.parts;
    const giveBack = this.limits.take(clock.monotonic(), limits);
    let isOver = false;
    return {
      release: ({ tokens }) => {
        if (isOver) return;
        isOver = true;
        giveBack(clock.monotonic(), tokens);
        this.serve();
      },
    };
  }

  private tooLong({ limits = {} }: Policy, maxWaitMs: number): RateLimitError {
    const { clock, name } = this.parts;
    const now = clock.monotonic();
    const at = this.limits.availableAt(now, limits) ?? now;
    return new RateLimitError(
      `The limits of the key "${name}" left no room within ${maxWaitMs} ms. Send fewer requests at once, or raise the limits or maxWaitMs of its policy.`,
      // Places come back when generations end: nothing says when.
      { retryAt: clock.now() + Math.max(at - now, ASK_AGAIN_MS) },
    );
  }
}

function gone(): AbortError {
  return new AbortError('The request ended before its turn came.');
}
