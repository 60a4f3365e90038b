import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import type { ConfigInput, GenerationEvent, GenerationInput, GenerationRequest, Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { ManualClock } from 'scriptorium/testing';
import type { Call, Calls, Job } from '../../../../plugins/gateway/calls/call.js';
import { makeCalls } from '../../../../plugins/gateway/calls/make-calls.js';
import { anEnd } from '../../../support/an-end.js';
import { flushed } from '../../../support/flushed.js';

/** How long the policy of the tests keeps generations. */
export const REATTACH_MS = 900_000;

/** A request that has reached the vendor, which writes when the test says so. */
export class Opened {
  isOpen = true;

  constructor(
    readonly request: GenerationRequest,
    private readonly subscriber: Subscriber<GenerationEvent>,
  ) {}

  emit(...events: readonly GenerationEvent[]): void {
    for (const event of events) this.subscriber.next(event);
  }

  write(...texts: readonly string[]): void {
    this.emit(...texts.map((delta) => ({ type: 'text-delta', delta }) as const));
  }

  end(): void {
    this.emit(anEnd());
    this.subscriber.complete();
  }

  fail(error: unknown): void {
    this.subscriber.error(error);
  }
}

/** A client that reads its answer as it comes. */
export class Reading {
  readonly events: GenerationEvent[] = [];
  error: GenerationError | undefined;
  isOver = false;

  constructor(readonly call: Call) {
    void this.read();
  }

  /** The text that the client has. */
  get text(): string {
    let text = '';
    for (const event of this.events) {
      if (event.type === 'text-delta') text += event.delta;
      else if (event.type === 'restart') text = '';
    }
    return text;
  }

  get isWhole(): boolean {
    return this.events.at(-1)?.type === 'generation-end';
  }

  private async read(): Promise<void> {
    try {
      for await (const event of this.call.events()) this.events.push(event);
    } catch (error) {
      if (!GenerationError.is(error)) throw error;
      this.error = error;
    }
    this.isOver = true;
  }
}

export type Asking = Partial<Omit<Job, 'client'>> & {
  readonly name?: string;
  readonly reattachMs?: number;
  readonly signal?: AbortSignal;
};

/** The generations of a gateway whose vendor the test plays by hand, on a manual clock. */
export interface GatewayCalls {
  readonly calls: Calls;
  readonly clock: ManualClock;
  readonly pipeline: Pipeline;
  readonly opened: readonly Opened[];
  readonly warnings: readonly string[];
  /** Opens a call for a client, and begins to read it. */
  ask(asking?: Asking): Reading;
  /** Closes all, which must leave nothing behind. */
  close(): Promise<void>;
}

export interface GatewayCallsOptions {
  readonly mostBytes?: number;
  readonly config?: ConfigInput;
}

export async function gatewayCalls({ mostBytes, config = {} }: GatewayCallsOptions = {}): Promise<GatewayCalls> {
  const opened: Opened[] = [];
  const warnings: string[] = [];
  const clock = new ManualClock();
  const nothing = (): void => undefined;
  const logger = {
    debug: nothing,
    info: nothing,
    warn: (message: string) => void warnings.push(message),
    error: nothing,
  };
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'sk-test', baseUrl: 'http://127.0.0.1:1' })],
    interceptors: [{ name: 'vendor', phase: 'observe', intercept: (request) => vendor(request, opened) }],
    config: { defaults: { model: 'a/model' }, ...config },
    register: (container) => {
      container.register(tokens.LOGGER, { useValue: logger });
      // A busy machine must not make its sinks slow, which is a warning.
      container.register(tokens.CLOCK, { useValue: new ManualClock() });
    },
  });
  const calls = makeCalls(pipeline, clock, { mostBytes });
  return {
    calls,
    clock,
    pipeline,
    opened,
    warnings,
    ask: (asking = {}) => new Reading(calls.open(jobOf(asking))),
    close: async () => {
      calls.close();
      await flushed();
      await pipeline.dispose();
      const left = { timers: clock.pending, open: opened.filter(({ isOpen }) => isOpen).length };
      if (left.timers + left.open > 0) throw new Error(`Left behind: ${JSON.stringify(left)}`);
    },
  };
}

export function jobOf({ name = 'ada', reattachMs = REATTACH_MS, signal, ...job }: Asking = {}): Job {
  const input: GenerationInput = { prompt: 'Write.' };
  return {
    client: { name, policy: { reattachMs }, signal: signal ?? new AbortController().signal },
    input,
    isStream: true,
    idempotencyKey: undefined,
    path: '/v1/chat/completions',
    body: '{"prompt":"Write."}',
    ...job,
  };
}

function vendor(request: GenerationRequest, opened: Opened[]): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    const one = new Opened(request, subscriber);
    opened.push(one);
    return () => {
      one.isOpen = false;
    };
  });
}
