import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { createPipeline, tokens } from 'scriptorium';
import type { ConfigInput, GenerationEvent, GenerationRequest, ModelInfo, Pipeline, Prefill, Usage } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { runBatch, workOnRun } from 'scriptorium/plugins/runs';
import type { BatchItem, BatchOptions, Journal, RunEvent } from 'scriptorium/plugins/runs';
import { ManualClock } from 'scriptorium/testing';
import { memoryJournal } from 'scriptorium/plugins/runs/testing';
import { flushed } from '../../../support/flushed.js';

/** A request that the test answers piece by piece. */
export interface Asked {
  readonly request: GenerationRequest;
  readonly answer: Subject<GenerationEvent>;
  /** Whether the pipeline has left it. */
  readonly isLeft: boolean;
}

export interface RunSceneOptions {
  readonly config?: ConfigInput;
  readonly models?: readonly ModelInfo[] | Error;
  readonly prefill?: Prefill;
  /** Changes the journal that the engine gets. */
  readonly wrap?: (journal: Journal) => Journal;
}

/** A pipeline whose vendor the test plays, a journal in memory, and a clock that stands still. */
export class RunScene {
  readonly clock = new ManualClock();
  readonly asked: Asked[] = [];
  readonly warnings: string[] = [];
  readonly journal: Journal;
  readonly inner: Journal;
  questions = 0;
  private workers = 0;

  private constructor(
    private readonly options: RunSceneOptions,
    /** Set by `open`. */
    public pipeline: Pipeline,
  ) {
    this.inner = memoryJournal({ clock: this.clock });
    this.journal = options.wrap?.(this.inner) ?? this.inner;
  }

  static async open(options: RunSceneOptions = {}): Promise<RunScene> {
    const scene = new RunScene(options, undefined as unknown as Pipeline);
    scene.pipeline = await scene.openPipeline();
    return scene;
  }

  openPipeline(): Promise<Pipeline> {
    const { config = {}, models, prefill = 'exact' } = this.options;
    const list = models === undefined || models instanceof Error ? [] : models;
    const provider = {
      id: 'mine',
      defaultModel: 'm',
      capabilities: () => ({ prefill }),
      generate: (request: GenerationRequest) => this.ask(request),
      ...(models !== undefined && {
        catalogue: {
          models: () => {
            this.questions += 1;
            return models instanceof Error ? Promise.reject(models) : Promise.resolve(models);
          },
          known: (model: string) => (this.questions === 0 ? undefined : list.find(({ id }) => id === model)),
        },
      }),
    };
    const logger = { debug: () => undefined, info: () => undefined, error: () => undefined };
    return createPipeline({
      environment: {},
      config: { ...config, retry: { maxAttempts: 1, ...config.retry } },
      plugins: [definePlugin({ name: 'mine', apiVersion: 1, setup: (host) => host.addProvider(provider) })],
      register: (container) => {
        container.register(tokens.CLOCK, { useValue: this.clock });
        container.register(tokens.LOGGER, {
          useValue: { ...logger, warn: (message: string) => void this.warnings.push(message) },
        });
      },
    });
  }

  /** Starts a worker on a batch. */
  batch(items: readonly BatchItem[], options: Partial<BatchOptions> = {}): Worked {
    return new Worked(runBatch(this.pipeline, items, this.with({ name: 'ada', ...options })));
  }

  /** Starts a worker on a run that exists. */
  workOn(run: string, options: Partial<BatchOptions> = {}): Worked {
    return new Worked(workOnRun(this.pipeline, run, this.with(options)));
  }

  /** The requests whose answers nobody has left. */
  get open(): readonly Asked[] {
    return this.asked.filter(({ isLeft }) => !isLeft);
  }

  get last(): Asked {
    return this.asked.at(-1)!;
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  async record(item: string) {
    return (await this.inner.records('ada')).find((record) => record.item === item)!;
  }

  private with(options: Partial<BatchOptions>): BatchOptions {
    this.workers += 1;
    const worker = { id: `worker-${this.workers}`, machine: 'here', pid: this.workers, startedAt: '1' };
    return { journal: this.journal, clock: this.clock, random: () => 1, worker, ...options };
  }

  private ask(request: GenerationRequest): Observable<GenerationEvent> {
    const answer = new Subject<GenerationEvent>();
    const asked = {
      request,
      answer,
      get isLeft() {
        return !answer.observed;
      },
    };
    this.asked.push(asked);
    return answer;
  }
}

/** The events of one worker. */
export class Worked {
  readonly events: RunEvent[] = [];
  outcome: 'completed' | { readonly error: unknown } | undefined;
  private readonly subscription;

  constructor(events: Observable<RunEvent>) {
    this.subscription = events.subscribe({
      next: (event) => void this.events.push(event),
      error: (error: unknown) => (this.outcome = { error }),
      complete: () => (this.outcome = 'completed'),
    });
  }

  /** Its events beside those of generations: `item-done a`. */
  get told(): readonly string[] {
    return this.events
      .filter(({ type }) => type !== 'item-event')
      .map((event) => ('item' in event ? `${event.type} ${event.item}` : event.type));
  }

  of<T extends RunEvent['type']>(type: T): readonly Extract<RunEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
  }

  leave(): void {
    this.subscription.unsubscribe();
  }
}

/** Waits until all promises have been handled, also those that follow. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await flushed();
}

export const text = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });

export const item = (id: string, more: Partial<BatchItem> = {}): BatchItem => ({
  id,
  input: { prompt: `Write ${id}.` },
  ...more,
});

/** Ends an answer. */
export function finish({ answer }: Asked, usage: Partial<Usage> = {}, unified: 'stop' | 'length' = 'stop'): void {
  answer.next({
    type: 'generation-end',
    finishReason: { unified, raw: unified },
    usage: { inputTokens: 7, outputTokens: 3, costUsd: 0.001, source: 'reported', ...usage },
    servedFrom: 'provider',
    provider: 'mine',
    model: 'm',
  });
  answer.complete();
}
