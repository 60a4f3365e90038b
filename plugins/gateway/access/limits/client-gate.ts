import { AbortError, RateLimitError } from 'scriptorium';
import { toGenerationError } from 'scriptorium/plugin';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { Admitted } from '../access.js';
import type { ClientState } from '../client.js';
import type { Policy } from '../policy.js';
import type { AccountBook, HeldMoney } from '../spending/account-book.js';
import { isLimited, overBudget } from '../spending/reserve.js';
import { ClientLimits } from './client-limits.js';
import type { Limits } from './client-limits.js';

/** How long a generation waits for its client's limits, where the policy does not say. */
const USUAL_WAIT_MS = 60_000;
/** How often the line looks for money that other processes hold, or have given back. */
const ASK_AGAIN_MS = 1_000;

/** The parts of a gate. */
export interface ClientGateParts {
  /** The name of the client. */
  readonly name: string;
  readonly book: AccountBook;
  readonly clock: Clock;
}

interface Waiter {
  readonly policy: Policy;
  readonly admit: (admitted: Admitted) => void;
  readonly refuse: (error: Error) => void;
}

/** The line in front of a client's limits and budget: first come, first served. */
export class ClientGate {
  private readonly waiters = new Set<Waiter>();
  private readonly limits = new ClientLimits();
  private cancelTimer: Cancel = () => undefined;
  private isServing = false;
  private lastLimits: Limits = {};
  private hasChanged = false;

  constructor(private readonly parts: ClientGateParts) {}

  /** Waits for a place, until one of the signals is aborted. @throws GenerationError `rate-limit` after the policy's `maxWaitMs`, `budget`, or `aborted` */
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

  /** Admits all whose time has come. A change during that is looked at afterwards. */
  private serve(): void {
    this.hasChanged = true;
    if (this.isServing) return;
    this.isServing = true;
    void this.serveAll();
  }

  private async serveAll(): Promise<void> {
    while (this.hasChanged) {
      this.hasChanged = false;
      this.cancelTimer();
      for (let [head] = this.waiters; head !== undefined; [head] = this.waiters)
        if (!(await this.serveHead(head))) break;
    }
    this.isServing = false;
  }

  /** Serves the head of the line. Returns false if it has to wait. */
  private async serveHead(head: Waiter): Promise<boolean> {
    const { clock, name } = this.parts;
    const { limits = {} } = head.policy;
    const now = clock.monotonic();
    const at = this.limits.availableAt(now, limits);
    if (at === undefined) return false;
    if (at > now) return this.serveIn(at - now);
    try {
      const money = await this.reserve(head.policy);
      if (!this.waiters.has(head)) {
        await money?.settle(0);
        return true;
      }
      const verdict = money?.verdict;
      if (verdict?.type === 'wait') return this.serveIn(ASK_AGAIN_MS);
      if (verdict?.type === 'refused') head.refuse(overBudget(verdict, { name, now: clock.now() }));
      else head.admit(this.admitted(head.policy, money));
    } catch (error) {
      head.refuse(toGenerationError(error));
    }
    return true;
  }

  private reserve({ budget }: Policy): Promise<HeldMoney> | undefined {
    return budget === undefined || !isLimited(budget) ? undefined : this.parts.book.reserve(this.parts.name, budget);
  }

  private admitted({ limits = {}, budget }: Policy, money: HeldMoney | undefined): Admitted {
    const { clock } = this.parts;
    const giveBack = this.limits.take(clock.monotonic(), limits);
    const verdict = money?.verdict;
    let isOver = false;
    return {
      generationUsd: verdict?.type === 'granted' ? verdict.nano / 1e9 : budget?.generationUsd,
      release: ({ usd, tokens }) => {
        if (isOver) return;
        isOver = true;
        giveBack(clock.monotonic(), tokens);
        this.serve();
        void money?.settle(usd).then(() => this.serve());
      },
    };
  }

  private serveIn(ms: number): false {
    this.cancelTimer = this.parts.clock.setTimer(ms, () => this.serve());
    return false;
  }

  private tooLong({ limits = {} }: Policy, maxWaitMs: number): RateLimitError {
    const { clock, name } = this.parts;
    const now = clock.monotonic();
    const at = this.limits.availableAt(now, limits) ?? now;
    return new RateLimitError(
      `The limits of the key "${name}" left no room within ${maxWaitMs} ms. Send fewer requests at once, or raise the limits or maxWaitMs of its policy.`,
      // Places and money come back when generations end: nothing says when.
      { retryAt: clock.now() + Math.max(at - now, ASK_AGAIN_MS) },
    );
  }
}

function gone(): AbortError {
  return new AbortError('The request ended before its turn came.');
}
