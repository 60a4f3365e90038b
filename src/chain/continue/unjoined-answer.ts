import type { Prefill } from '../../core/continuation.js';
import { opensToolCall } from '../../core/events.js';
import type { AttemptStart, GenerationEvent, TextDelta } from '../../core/events.js';
import type { ContinuationRequest, GenerationRequest } from '../../core/request.js';
import type { ContinuationAsk } from './continuation-asks.js';
import { spliceOf } from './continuation-request.js';
import type { Doubt, Splice, SpliceDecision, SpliceEnd } from './splice/splice.js';

export interface UnjoinedOptions {
  readonly asked: GenerationRequest;
  /** What it asks to continue. */
  readonly continuation: ContinuationRequest;
  readonly ask: ContinuationAsk;
  readonly attempt: AttemptStart;
  readonly prefillOf: (request: GenerationRequest) => Prefill;
}

/** Content other than text that an answer may have before it is joined. */
const MOST_HELD = 1_000;
const HELD: ReadonlySet<GenerationEvent['type']> = new Set(['tool-call', 'annotation', 'image', 'reasoning-details']);
const DIFFERS: { readonly type: 'untrusted'; readonly doubt: Doubt } = { type: 'untrusted', doubt: 'differs' };

const UNTRUSTED: Splice = { take: () => DIFFERS, close: () => DIFFERS };

/** An answer to a request to continue that is not joined to the text yet. Its content counts only if it is. */
export class UnjoinedAnswer {
  /** Whether the text was sent as a native prefill. */
  readonly wasPrefilled: boolean;
  private splice: Splice;
  private hasBegun = false;
  private readonly events: GenerationEvent[] = [];
  private hasOpened = false;

  constructor(private readonly options: UnjoinedOptions) {
    const { continuation, ask, attempt } = options;
    const prefill = this.prefillOf(attempt.model);
    this.wasPrefilled = prefill === 'exact' && !continuation.byInstruction;
    this.splice = spliceOf(continuation, { prefill, ask });
  }

  take({ delta }: TextDelta): SpliceDecision {
    this.hasBegun = true;
    return this.splice.take(delta);
  }

  /** Takes an event that is not text. Returns whether it is content, which is held. */
  hold(event: GenerationEvent): boolean {
    this.hasOpened ||= opensToolCall(event);
    if (event.type === 'response-metadata' && event.answeredBy !== undefined) this.joinAs(event.answeredBy);
    if (!HELD.has(event.type)) return false;
    if (this.events.length < MOST_HELD) this.events.push(event);
    return true;
  }

  get held(): readonly GenerationEvent[] {
    return this.events;
  }

  /** Whether it has opened a tool call. */
  get hasToolCalls(): boolean {
    return this.hasOpened;
  }

  /** The result at the end of the answer. Only `stop` proves that a text without an addition is whole. */
  close(isStop: boolean): SpliceEnd {
    const end = this.splice.close();
    return end.type === 'whole' && (!isStop || this.hasOpened) ? DIFFERS : end;
  }

  /** Another model than the requested one answers a prefill. It may continue by instruction only. */
  private joinAs(model: string): void {
    if (this.hasBegun || !this.wasPrefilled) return;
    if (this.prefillOf(model) === 'exact') return;
    const { continuation } = this.options;
    // Nothing that a model says to a prefill of a few characters proves anything.
    this.splice =
      continuation.text.trim() === '' ? UNTRUSTED : spliceOf(continuation, { prefill: 'instructed', ask: 'natural' });
  }

  private prefillOf(model: string): Prefill {
    const { asked, attempt, prefillOf } = this.options;
    return prefillOf({ ...asked, provider: attempt.provider, model });
  }
}
