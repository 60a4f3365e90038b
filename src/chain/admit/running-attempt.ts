import type { GenerationError } from '../../core/errors/generation-error.js';
import { isCommitPoint } from '../../core/events.js';
import type { GenerationEvent } from '../../core/events.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../../core/monitor.js';
import type { GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';
import { verdictOn } from './breaker.js';
import { amountsUsed } from './budget.js';
import type { Leases } from './held-leases.js';
import { tokensUsed } from './rate-limit.js';

/** An admitted attempt: reports to its leases how it goes, and gives all of them back at its end. */
export class RunningAttempt {
  /** The request for the rest of the chain, whose monitor reports the moment of sending. */
  readonly request: GenerationRequest;
  private readonly attemptsBefore: number;
  private readonly currentBefore: unknown;
  private hasContent = false;
  private committed = false;

  constructor(
    request: GenerationRequest,
    private readonly leases: Leases,
  ) {
    const { context } = request;
    const state = stateOf(request);
    this.attemptsBefore = state.attempts.length;
    this.currentBefore = state.current;
    const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), { onConnect: () => leases.limits.sent() });
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
    const { pass } = this.leases;
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
      if (!this.hasContent && pass.isProbe) pass.record('success');
      this.hasContent = true;
    } else if (event.type === 'generation-end') pass.record('success');
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
    limits.settle(tokensUsed(this.request));
    reservation?.settle(amountsUsed(state.attempts.slice(this.attemptsBefore)));
    limits.release();
    slot?.release();
  }
}
