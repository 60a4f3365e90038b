import type { GenerationError } from '../../core/errors/generation-error.js';
import { isCommitPoint } from '../../core/events.js';
import type { GenerationEvent } from '../../core/events.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../../core/monitor.js';
import type { Reservation } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';
import { verdictOn } from './breaker.js';
import { settle } from './attempt-bill.js';
import type { AttemptBudget } from './attempt-budget.js';
import type { AttemptTokens } from './attempt-tokens.js';
import type { Leases } from './held-leases.js';

/** What an attempt is settled with. */
export interface RunningParts {
  readonly budget: Pick<AttemptBudget, 'mostUsed' | 'learn' | 'lateUsage'>;
  readonly tokens: Pick<AttemptTokens, 'used'>;
}

/** An admitted attempt: reports to its leases how it goes, and gives all of them back at its end. */
export class RunningAttempt {
  /** The request for the rest of the chain, whose monitor reports the moment of sending. */
  readonly request: GenerationRequest;
  private readonly attemptsBefore: number;
  private readonly currentBefore: unknown;
  private hasContent = false;
  private committed = false;
  private status: number | undefined;

  constructor(
    request: GenerationRequest,
    private readonly leases: Leases,
    private readonly parts: RunningParts,
  ) {
    const { context } = request;
    const state = stateOf(request);
    this.attemptsBefore = state.attempts.length;
    this.currentBefore = state.current;
    const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), {
      onConnect: () => leases.limits.sent(),
      // Thoughts that are encrypted, and pieces of a call, become no event before the end.
      onContent: () => this.begin(),
      ...(leases.reservation !== undefined && { onHeaders: (status: number) => void (this.status = status) }),
    });
    this.request = { ...request, context: context.with(ATTEMPT_MONITOR, monitor) };
  }

  /** Whether text or a tool call has been passed on. */
  get isCommitted(): boolean {
    return this.committed;
  }

  take(event: GenerationEvent): void {
    // The rest of a text says nothing new.
    if (this.hasContent && this.committed && event.type === 'text-delta') return;
    this.committed ||= isCommitPoint(event);
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') this.begin();
    else if (event.type === 'generation-end') this.leases.pass.record('success');
  }

  /** The server answers. */
  private begin(): void {
    if (this.hasContent) return;
    this.hasContent = true;
    const { pass } = this.leases;
    if (pass.isProbe) pass.record('success');
  }

  failed(failure: GenerationError): void {
    this.leases.pass.record(verdictOn(failure, this.hasContent));
  }

  /** Settles what was used before anything is released: the next attempt sees the true figures. */
  end(): void {
    const { pass, limits, slot, reservation } = this.leases;
    const state = stateOf(this.request);
    // Does nothing if the verdict is known.
    pass.record('neutral');
    // A provider with a connection of its own reports nothing to the monitor.
    if (state.current !== this.currentBefore && state.current?.sent === true) limits.sent();
    const used = this.parts.tokens.used(this.request, this.attemptsBefore);
    // Counts that cannot be true hide how many tokens were used.
    limits.settle(this.hasRejectedCounts ? { ...used, source: 'unknown' } : used);
    if (reservation !== undefined) this.settleMoney(reservation);
    limits.release();
    slot?.release();
  }

  private settleMoney(reservation: Reservation): void {
    const { status, request } = this;
    const { budget } = this.parts;
    const { attempts, current } = stateOf(request);
    const worst = budget.mostUsed;
    settle(
      { reservation, generationId: request.id, lateUsage: budget.lateUsage, learn: (usage) => budget.learn(usage) },
      attempts.slice(this.attemptsBefore),
      {
        worst,
        status,
        characters: current?.characters ?? 0,
        hasRejectedCounts: this.hasRejectedCounts,
      },
    );
  }

  /** Whether the vendor has given counts that cannot be true. */
  private get hasRejectedCounts(): boolean {
    const { current } = stateOf(this.request);
    return current !== this.currentBefore && current?.usage?.source === 'rejected';
  }
}
