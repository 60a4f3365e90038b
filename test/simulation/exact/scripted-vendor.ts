import { Observable } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type {
  Connection,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
  LimitKey,
  Limits,
  Message,
  ModelInfo,
  Plugin,
  Provider,
  Usage,
} from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { continuedMessages } from 'scriptorium/provider';

/** One answer of a scripted vendor. */
export interface Reply {
  /** Milliseconds until the request is sent; 0 by default. One that fails with `neverSent` never is. */
  readonly sentAfterMs?: number;
  /** Milliseconds from the request to the first event; 100 by default. */
  readonly afterMs?: number;
  /** Milliseconds between two events; 10 by default. */
  readonly gapMs?: number;
  /** Deltas of the text. */
  readonly texts?: readonly string[];
  /** Events before the text. */
  readonly before?: readonly GenerationEvent[];
  /** Events after the text. */
  readonly after?: readonly GenerationEvent[];
  /**
   * How it ends: with a finish reason (`stop` by default), an error, an end without any sign of one (`nothing`), or never
   * (`silence`).
   */
  readonly end?: FinishReason['unified'] | GenerationError | 'nothing' | 'silence';
  /** The usage of a whole answer. */
  readonly usage?: Usage;
}

/** A request as the vendor has received it. */
export interface ScriptedRequest {
  readonly generationId: string;
  /** Milliseconds since the start of the process. */
  readonly at: number;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxTokens: number | undefined;
}

/** How a scripted vendor is set up. */
export interface ScriptedVendorOptions {
  readonly prefill?: 'exact' | 'instructed' | 'none';
  readonly limits?: Limits;
  /** In place of `limits`: the keys of a model. */
  readonly keysOf?: (model: string) => readonly LimitKey[];
  readonly defaultModel?: string;
  readonly price?: ModelInfo['price'];
}

/** The usage of an answer whose script does not say otherwise. */
export const USAGE: Usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.001, source: 'reported' };

/** A vendor that answers as its script says, at exact times. Without a script it answers "Well said." */
export class ScriptedVendor {
  readonly requests: ScriptedRequest[] = [];
  private readonly replies: Reply[] = [];

  constructor(
    readonly id = 'bard',
    private readonly options: ScriptedVendorOptions = {},
  ) {}

  /** Gives the requests to come one answer each. */
  script(...replies: readonly Reply[]): void {
    this.replies.push(...replies);
  }

  /** Forgets the answers that are left. */
  clear(): void {
    this.replies.length = 0;
  }

  plugin(): Plugin {
    return definePlugin({ name: this.id, apiVersion: 1, setup: (host) => host.addProvider(this.provider()) });
  }

  private provider(): Provider {
    const { prefill = 'instructed', limits = {}, keysOf, defaultModel, price } = this.options;
    return {
      id: this.id,
      generate: (request, connection) => this.answer(request, connection),
      capabilities: () => ({ prefill }),
      limitKeys: ({ model }) => keysOf?.(model) ?? [{ key: this.id, limits }],
      ...(defaultModel !== undefined && { defaultModel }),
      ...(price !== undefined && {
        catalogue: { models: () => Promise.resolve([]), known: (id) => ({ id, price }) },
      }),
    };
  }

  private answer(request: GenerationRequest, { clock, monitor }: Connection): Observable<GenerationEvent> {
    const { prefill = 'instructed' } = this.options;
    return new Observable((subscriber) => {
      const reply = this.replies.shift() ?? {};
      const isSent = !(reply.end instanceof GenerationError && reply.end.neverSent === true);
      const send = (): void => {
        monitor.onConnect();
        this.requests.push({
          generationId: request.id,
          at: clock.monotonic(),
          model: request.model,
          messages: continuedMessages(request, prefill),
          maxTokens: request.maxTokens,
        });
      };
      const { sentAfterMs = 0 } = reply;
      if (isSent && sentAfterMs === 0) send();
      const cancelSending = isSent && sentAfterMs > 0 ? clock.setTimer(sentAfterMs, send) : () => undefined;
      const steps = stepsOf(reply, request);
      const { afterMs = 100, gapMs = 10 } = reply;
      let next = 0;
      const step = (): void => {
        const run = steps[next];
        next += 1;
        run?.(subscriber);
        if (next < steps.length) cancel = clock.setTimer(gapMs, step);
      };
      let cancel = clock.setTimer(afterMs, step);
      return () => {
        cancelSending();
        cancel();
      };
    });
  }
}

type Step = (subscriber: {
  readonly next: (event: GenerationEvent) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
}) => void;

function stepsOf(
  { before = [], texts = ['Well ', 'said.'], after = [], end = 'stop', usage = USAGE }: Reply,
  { provider, model }: GenerationRequest,
): readonly Step[] {
  const deltas = texts.map((delta): GenerationEvent => ({ type: 'text-delta', delta }));
  const events = [...before, ...deltas, ...after];
  const steps = events.map(
    (event): Step =>
      (subscriber) =>
        subscriber.next(event),
  );
  const last: Step = (subscriber) => {
    if (end instanceof GenerationError) subscriber.error(end);
    else if (end === 'nothing') subscriber.complete();
    else if (end !== 'silence') {
      const finishReason = { unified: end, raw: end };
      subscriber.next({ type: 'generation-end', finishReason, usage, servedFrom: 'provider', provider, model });
      subscriber.complete();
    }
  };
  return [...steps, last];
}
