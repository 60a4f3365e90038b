import type { StandardSchemaV1 } from '@standard-schema/spec';
import { lastValueFrom, Subject, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { generateObject } from '../composites/object/generate-object.js';
import type { JsonSchema, ObjectInput, ObjectResult } from '../composites/object/object-input.js';
import type { AccountInfo, CreditsInfo, GenerationInfo, ModelInfo } from '../core/catalogue.js';
import { reasonOf } from '../core/errors/classify.js';
import type { GenerationEvent } from '../core/events.js';
import type { HttpEndpoint } from '../core/http-endpoint.js';
import type { InterceptorDefinition } from '../core/interceptor.js';
import type { PartCounts } from '../core/part-counts.js';
import type { Breakers, Logger, Spending } from '../core/ports.js';
import type { GenerationResult } from '../core/result.js';
import type { BudgetSettings } from '../core/settings.js';
import type { SinkCounts } from '../core/stats.js';
import { randomId } from '../core/util/random-id.js';
import { relay } from '../core/util/relay.js';
import type { Disposer } from '../core/util/disposer.js';
import type { GenerationInput } from '../input/generation-input.js';
import type { StatHub } from '../stats/stat-hub.js';
import type { UsageMeter, UsageSnapshot } from '../stats/usage-meter.js';
import { breakerStates } from './breaker-states.js';
import type { BreakerState } from './breaker-states.js';
import { budgets } from './budgets.js';
import type { BudgetState } from './budgets.js';
import { checkInput } from './check-input.js';
import type { CheckedInput, CheckParts } from './check-input.js';
import { collect } from './collect.js';
import { assertDuration, drain } from './drain.js';
import type { DrainResult } from './drain.js';
import { iterate } from './iterate.js';
import { Lifetime } from './lifetime.js';
import { CREDITS, generationOf, KEY, lookUp, models } from './lookups.js';
import type { LookUpParts } from './lookups.js';
import { map } from './map.js';
import type { MapOptions, MappedResults } from './mapped-result.js';
import type { MapInputs } from './map-inputs.js';
import type { MappedControl } from './mapping.js';
import type { DescribedInterceptor, ModelsQuery, Pipeline } from './pipeline.js';
import type { ObservedEvent } from './observed-event.js';
import { run } from './run.js';
import type { Control, RunParts } from './run.js';
import { start } from './start.js';
import type { Run } from './start.js';
import { stopsOf } from './stops.js';
import { beyondTheCap, wholeText } from './whole-text.js';

export interface PipelineParts extends Omit<RunParts & LookUpParts, 'observed' | 'lifetime' | 'running'> {
  readonly arranged: readonly InterceptorDefinition[];
  readonly usageStats: UsageMeter;
  readonly hub: Pick<StatHub, 'counts'>;
  readonly replaceable: {
    readonly counts: readonly PartCounts[];
    readonly breakers: Breakers;
    readonly spending: Spending;
  };
  readonly endpoints: readonly HttpEndpoint[];
  readonly budget: BudgetSettings;
  readonly config: CheckParts['config'];
  readonly disposer: Disposer;
  readonly logger: Logger;
}

/** The pipeline that `createPipeline` returns: one chain, with the parts that its parts share. */
export class ComposedPipeline implements Pipeline {
  private readonly observed = new Subject<ObservedEvent>();
  private readonly lifetime = new Lifetime();
  private readonly runParts: RunParts & LookUpParts;
  private draining: Promise<DrainResult> | undefined;

  constructor(private readonly inside: PipelineParts) {
    this.runParts = { ...inside, observed: this.observed, lifetime: this.lifetime, running: new Set() };
  }

  stream(input: GenerationInput): Observable<GenerationEvent> {
    return this.open(input);
  }

  iterate(input: GenerationInput): AsyncGenerator<GenerationEvent, void, undefined> {
    return iterate((backpressure) => this.open(input, { backpressure }));
  }

  text(input: GenerationInput): Observable<string> {
    const given = asInput(input);
    return this.open(beyondTheCap(given), { mayRestart: 'never' }).pipe(
      wholeText({
        isOwnCap: given.maxTokens !== undefined,
        before: given.continueFrom ?? '',
        logger: this.inside.logger,
      }),
    );
  }

  generate(input: GenerationInput): Promise<GenerationResult> {
    return lastValueFrom(this.open(input, { mayRestart: 'always' }).pipe(collect(asInput(input))));
  }

  generateObject<S extends StandardSchemaV1>(
    input: ObjectInput<S>,
  ): Promise<ObjectResult<StandardSchemaV1.InferOutput<S>>>;
  generateObject<T = unknown>(input: ObjectInput<JsonSchema>): Promise<ObjectResult<T>>;
  async generateObject(input: ObjectInput<unknown>): Promise<ObjectResult<unknown>> {
    const { clock, redact } = this.inside;
    const refusal = this.lifetime.refusal();
    if (refusal !== undefined) throw refusal;
    const generate = (asked: GenerationInput): Promise<GenerationResult> =>
      lastValueFrom(this.open(asked, { mayRestart: 'always', isPartOfWork: true }).pipe(collect()));
    const given = asInput(input) as ObjectInput<unknown>;
    const onStop = stopsOf(given, this.lifetime, clock);
    return this.lifetime.hold(() => generateObject(given, { clock, redact, generate, onStop }));
  }

  start(input: GenerationInput): Run {
    return start((signal) => this.open(input, { signal, mayRestart: 'always' }), asInput(input));
  }

  map<I extends GenerationInput>(inputs: MapInputs<I>, options: MapOptions): MappedResults<I> {
    const { random, report } = this.inside;
    return map(inputs, options, {
      generate: (input, control) => this.mapped(input, control),
      lifetime: this.lifetime,
      newId: () => randomId(random),
      report: (error) => report('onProgress', 'threw', error),
    });
  }

  check(input: GenerationInput): CheckedInput {
    return checkInput(asInput(input), this.inside);
  }

  get generations$(): Observable<ObservedEvent> {
    return this.isolated(this.observed);
  }

  stats(): UsageSnapshot {
    return this.inside.usageStats.snapshot();
  }

  get stats$(): Observable<UsageSnapshot> {
    return this.isolated(this.inside.usageStats.snapshots$);
  }

  resetStats(): void {
    this.inside.usageStats.reset();
  }

  sinks(): readonly SinkCounts[] {
    return this.inside.hub.counts;
  }

  parts(): readonly PartCounts[] {
    return this.inside.replaceable.counts;
  }

  budgets(): Promise<readonly BudgetState[]> {
    return budgets(this.inside.replaceable.spending, this.inside.budget);
  }

  breakers(): readonly BreakerState[] {
    return breakerStates(this.inside.replaceable.breakers, this.inside.clock);
  }

  endpoints(): readonly HttpEndpoint[] {
    return this.inside.endpoints;
  }

  get logger(): Logger {
    return this.inside.logger;
  }

  describe(): readonly DescribedInterceptor[] {
    return this.inside.arranged.map(({ phase, name, gates, onBreak }) => ({
      ...{ phase, name },
      ...(gates && { gates }),
      ...(onBreak && { onBreak }),
    }));
  }

  models(query: string | ModelsQuery = {}): Promise<readonly ModelInfo[]> {
    const { provider, ...options }: ModelsQuery = typeof query === 'string' ? { provider: query } : query;
    return lookUp(this.runParts, provider, models(options));
  }

  key(provider?: string): Promise<AccountInfo> {
    return lookUp(this.runParts, provider, KEY);
  }

  credits(provider?: string): Promise<CreditsInfo> {
    return lookUp(this.runParts, provider, CREDITS);
  }

  generation(responseId: string, provider?: string): Promise<GenerationInfo> {
    return lookUp(this.runParts, provider, generationOf(responseId));
  }

  async drain(ms: number): Promise<DrainResult> {
    assertDuration(ms);
    const { clock } = this.inside;
    return (this.draining ??= drain(ms, { lifetime: this.lifetime, clock, dispose: () => this.dispose() }));
  }

  async dispose(): Promise<void> {
    this.lifetime.end();
    this.observed.complete();
    const { disposer, clock, logger } = this.inside;
    await disposer.dispose(clock, (name, error) => logger.warn(`cannot close ${name}: ${reasonOf(error)}`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** A subscriber whose operators or teardowns throw does not reach the others, nor a generation. */
  private isolated<T>(source: Observable<T>): Observable<T> {
    return source.pipe(
      relay((subscriber) => ({
        next: (value) => subscriber.next(value),
        teardownFailed: (error) => this.inside.report('A subscriber', 'threw in a teardown', error),
      })),
    );
  }

  private mapped(input: GenerationInput, { signal, observe }: MappedControl): Observable<GenerationResult> {
    const events = this.open(input, { mayRestart: 'always', ...(signal && { signal }) });
    return (observe === undefined ? events : events.pipe(tap(observe))).pipe(collect(asInput(input)));
  }

  private open(input: GenerationInput, control?: Control): Observable<GenerationEvent> {
    return run(this.runParts, asInput(input), control);
  }
}

/** JavaScript callers may pass anything; a value that is not an object counts as an empty input. */
function asInput(input: unknown): GenerationInput {
  return typeof input === 'object' && input !== null ? input : {};
}
