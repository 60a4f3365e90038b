import { Observable } from 'rxjs';
import { createPipeline, GenerationError, memoryStateStore, tokens } from 'scriptorium';
import type {
  ConfigInput,
  GenerationEvent,
  GenerationInput,
  GenerationRequest,
  Pipeline,
  StateStore,
} from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import type { Access } from '../../../../plugins/gateway/access/access.js';
import { makeAccess } from '../../../../plugins/gateway/access/make-access.js';
import type { Policy } from '../../../../plugins/gateway/access/policy.js';
import { anEnd } from '../../../support/an-end.js';
import { flushed } from '../../../support/flushed.js';
import { asking } from './scene.js';

/** A token of an answer costs a thousandth of a cent, a prompt nothing: `maxTokens` of 1,000 cost a cent at most. */
export const TOKEN_USD = 0.000_01;

/** An attempt that has reached the vendor, which the test plays by hand. */
export class Attempt {
  isOpen = true;

  constructor(
    readonly request: GenerationRequest,
    private readonly subscriber: { next(event: GenerationEvent): void; error(error: unknown): void; complete(): void },
  ) {}

  /** The most that it costs by the catalogue. */
  get worstUsd(): number {
    return (this.request.maxTokens ?? 0) * TOKEN_USD;
  }

  write(delta: string): void {
    this.subscriber.next({ type: 'text-delta', delta });
  }

  /** Returns whether the bill has been read: a continuation that does not fit is left before. */
  end(costUsd: number): boolean {
    this.write('A page.');
    const { isOpen } = this;
    this.subscriber.next(anEnd({ inputTokens: 0, outputTokens: 1, costUsd }));
    this.subscriber.complete();
    return isOpen;
  }

  /** An error in place of an answer costs nothing. */
  refuse(): void {
    this.subscriber.error(new GenerationError('server-error', 'The vendor is ill.', { status: 500, retryable: true }));
  }

  /** It breaks off, and its bill is never known. */
  breakOff(): void {
    this.write('Half a ');
    this.subscriber.error(new GenerationError('connection', 'The connection broke.', { retryable: true }));
  }
}

export interface PaidScene {
  readonly access: Access;
  readonly clock: ManualClock;
  readonly pipeline: Pipeline;
  readonly attempts: readonly Attempt[];
  /** Asks for a text of at most 1,000 tokens, or of what `input` says. */
  ask(input?: Partial<GenerationInput>): Asked;
  /** Lets time pass, second by second, and everything happen that it brings. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** A text that was asked for. */
export interface Asked {
  outcome: 'running' | 'whole' | GenerationError;
  readonly events: readonly GenerationEvent[];
}

/** A pipeline whose vendor is played by hand, and the access of a gateway before it, on one manual clock. */
export async function paidScene({
  policy,
  config = {},
  clock = new ManualClock(),
  store = memoryStateStore(),
}: {
  readonly policy: Policy;
  readonly config?: ConfigInput;
  readonly clock?: ManualClock;
  readonly store?: StateStore;
}): Promise<PaidScene> {
  const attempts: Attempt[] = [];
  const pipeline = await createPipeline({
    environment: {},
    plugins: [playedVendor(attempts)],
    config: { logging: { level: 'silent' }, defaults: { model: 'priced' }, rateLimit: { minIntervalMs: 0 }, ...config },
    register: (container) => {
      container.register(tokens.CLOCK, { useValue: clock });
      container.register(tokens.STATE_STORE, { useValue: store });
    },
  });
  const access = makeAccess({ policy, clock, warn: () => undefined });
  return {
    access,
    clock,
    pipeline,
    attempts,
    ask: (input = {}) => {
      const events: GenerationEvent[] = [];
      const asked: { -readonly [K in keyof Asked]: Asked[K] } = { outcome: 'running', events };
      const whole = { prompt: 'Write.', maxTokens: 1_000, ...input };
      pipeline.stream(access.inputOf(whole, access.clientOf(asking()), asking())).subscribe({
        next: (event) => events.push(event),
        complete: () => (asked.outcome = 'whole'),
        error: (error: GenerationError) => (asked.outcome = error),
      });
      return asked;
    },
    pass: async (ms) => {
      await flushed();
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000));
        await flushed();
      }
    },
    close: async () => {
      access.close();
      await pipeline.dispose();
    },
  };
}

/** Knows the price of every model but `unpriced`. */
function playedVendor(attempts: Attempt[]) {
  const known = (id: string) => ({
    id,
    ...(id !== 'unpriced' && { price: { prompt: '0', completion: String(TOKEN_USD) }, isFree: false }),
  });
  return definePlugin({
    name: 'played',
    apiVersion: 1,
    setup: (host) =>
      host.addProvider({
        id: 'played',
        catalogue: { models: () => Promise.resolve([]), known },
        capabilities: () => ({ prefill: 'exact' }),
        generate: (request) =>
          new Observable((subscriber) => {
            const attempt = new Attempt(request, subscriber);
            attempts.push(attempt);
            return () => void (attempt.isOpen = false);
          }),
      }),
  });
}
