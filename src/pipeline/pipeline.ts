import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Observable } from 'rxjs';
import type { JsonSchema, ObjectInput, ObjectResult } from '../composites/object/object-input.js';
import type { AccountInfo, CreditsInfo, GenerationInfo, ModelInfo, ModelsOptions } from '../core/catalogue.js';
import type { GenerationEvent } from '../core/events.js';
import type { HttpEndpoint } from '../core/http-endpoint.js';
import type { Phase } from '../core/interceptor.js';
import type { PartCounts } from '../core/part-counts.js';
import type { Logger } from '../core/ports.js';
import type { GenerationResult } from '../core/result.js';
import type { SinkCounts } from '../core/stats.js';
import type { GenerationInput } from '../input/generation-input.js';
import type { UsageSnapshot } from '../stats/usage-meter.js';
import type { BreakerState } from './breaker-states.js';
import type { BudgetState } from './budgets.js';
import type { CheckedInput } from './check-input.js';
import type { DrainResult } from './drain.js';
import type { MapOptions, MappedResults } from './mapped-result.js';
import type { MapInputs } from './map-inputs.js';
import type { ObservedEvent } from './observed-event.js';
import type { Run } from './start.js';

/** A question for `pipeline.models`. */
export interface ModelsQuery extends ModelsOptions {
  /** The id of a provider. By default the first provider of the pipeline. */
  readonly provider?: string | undefined;
}

/** An interceptor in the description of a chain. */
export interface DescribedInterceptor {
  readonly phase: Phase;
  readonly name: string;
  /** The gates of `admission`, in their order: `breaker`, `limits`, `slot` if slots are limited, `budget`. */
  readonly gates?: readonly string[];
  /** What `resume` does with a text that breaks off, where the request does not say (`continuity.onBreak`). */
  readonly onBreak?: 'resume' | 'restart' | 'fail';
}

/**
 * A configured chain of interceptors around its providers. All ways to generate are views on the same stream of events.
 * @see docs/concepts.md
 * @example
 * const pipeline = await createPipeline({ plugins: [openrouter()] });
 * const { text, cost } = await pipeline.generate({ prompt: 'Write the opening of a biography of Ada Lovelace.' });
 * await pipeline.dispose();
 */
export interface Pipeline {
  /**
   * Streams all events of a generation. Cold: one subscription is one call, and unsubscribing cancels it. With
   * `continuity.onBreak: 'restart'` a `restart` event may void the text so far; `collect(input)` folds the events.
   * @see docs/streaming.md
   * @example
   * const result = await lastValueFrom(pipeline.stream(input).pipe(tap(showProgress), collect(input)));
   */
  stream(input: GenerationInput): Observable<GenerationEvent>;

  /**
   * Streams the events to a `for await` loop. Nothing is sent before the first step; a slow reader pauses the socket.
   * @example
   * for await (const event of pipeline.iterate({ prompt })) if (event.type === 'waiting') console.error(event.for);
   */
  iterate(input: GenerationInput): AsyncGenerator<GenerationEvent, void, undefined>;

  /**
   * Streams the text alone, piece by piece. Cold. It never restarts. A text cut by the configured token cap is continued.
   * A text that stays incomplete (interrupted, filtered) fails at its end, with the text so far in `partial`. A text
   * cut by the input's own `maxTokens` is what was asked for.
   * @see docs/streaming.md
   * @example
   * await pipeline.text({ prompt }).forEach((piece) => process.stdout.write(piece));
   */
  text(input: GenerationInput): Observable<string>;

  /**
   * Generates a whole answer. Rejects with a `GenerationError`, whose `partial` has the text so far. A text that broke off
   * and cannot be continued is written again from the start, unless `continueFrom` gave its beginning.
   * @see docs/errors.md
   * @example
   * const { text, usage, cost, attempts } = await pipeline.generate({
   *   system: 'You write biographies.',
   *   prompt: 'Write the opening of a biography of Ada Lovelace.',
   *   labels: { book: 'ada', chapter: '1' },
   * });
   */
  generate(input: GenerationInput): Promise<GenerationResult>;

  /**
   * Generates an object that fits a schema: a Standard Schema (Zod, Valibot, ArkType …), which also gives its type, or a
   * JSON Schema. An invalid answer is sent back once with its problems; both generations are in the result's bill. Rejects
   * with `InvalidObjectError` if the second answer is invalid too, and with `InterruptedError` if the answer was cut;
   * `partial` has what was written.
   * @see docs/objects.md
   * @example
   * const schema = z.object({ title: z.string(), chapters: z.array(z.string()) });
   * const { object } = await pipeline.generateObject({ prompt: 'Outline a biography of Ada Lovelace.', schema });
   */
  generateObject<S extends StandardSchemaV1>(
    input: ObjectInput<S>,
  ): Promise<ObjectResult<StandardSchemaV1.InferOutput<S>>>;
  /** With a JSON Schema the type is the caller's claim: `unknown` unless it is named. */
  generateObject<T = unknown>(input: ObjectInput<JsonSchema>): Promise<ObjectResult<T>>;

  /**
   * Starts a generation at once. It may have many observers and is one call. As in `generate`, a text that cannot be
   * continued is written again: a `restart` event voids the text so far.
   * @example
   * const run = pipeline.start({ prompt });
   * run.events.subscribe(showProgress);
   * const { text } = await run.result;
   */
  start(input: GenerationInput): Run;

  /**
   * Generates many texts, at most `concurrency` at once, and emits each result or error in the order of the inputs, as soon
   * as it is its turn. Cold: nothing is sent before subscription, and unsubscribing cancels all. Inputs are pulled as slots
   * become free. A failure does not end the others. For texts that must survive the program use `runBatch`.
   * @param inputs a list, an iterable or an async iterable. If it throws, the stream fails after the results under way
   * @see docs/streaming.md
   * @example
   * for await (const { index, result, error } of pipeline.map(prompts.map((prompt) => ({ prompt })), { concurrency: 4 }))
   *   console.log(index, result?.text ?? error.message);
   */
  map<I extends GenerationInput>(inputs: MapInputs<I>, options: MapOptions): MappedResults<I>;

  /**
   * Checks an input as a generation would, without sending anything, and fills in the configured defaults.
   * @throws GenerationError `invalid-input` with the field, its value and the expected format
   * @example
   * for (const input of inputs) if (!pipeline.check(input).isPriceKnown) console.warn(`${input.model} has no known price`);
   */
  check(input: GenerationInput): CheckedInput;

  /** The events of all generations of this pipeline, from now on. */
  readonly generations$: Observable<ObservedEvent>;

  /** Totals since the pipeline was made or `resetStats` was called. */
  stats(): UsageSnapshot;

  /** The present totals, then the totals after each generation. */
  readonly stats$: Observable<UsageSnapshot>;

  /** Starts the totals of `stats` again from zero. */
  resetStats(): void;

  /** Counts of the stats by sink: those that keep the totals, and those of the plugins. */
  sinks(): readonly SinkCounts[];

  /**
   * Counts of the parts that may live elsewhere (limits, breakers, slots, retry budgets, spending, cache, state): what
   * each answered, failed, and answered too late. A part that nothing has used yet is not listed.
   * @see docs/plugins.md
   * @example
   * for (const { name, failed, lastFailure } of pipeline.parts()) if (failed > 0) console.warn(name, lastFailure);
   */
  parts(): readonly PartCounts[];

  /**
   * The budgets of the process, of the day and of each label value: limits, and what is spent and reserved. Rejects with
   * `unavailable` if the spending store does not answer.
   * @see docs/limits.md
   * @example
   * for (const { scope, labelValue, spent, limit } of await pipeline.budgets())
   *   console.log(labelValue ?? scope, `$${spent.usd} of $${limit.usd}`);
   */
  budgets(): Promise<readonly BudgetState[]>;

  /**
   * The circuit breakers of the providers and models that were used: closed, open until a time, or probing. Breakers that
   * live elsewhere may not report any.
   * @see docs/limits.md
   * @example
   * for (const { provider, model, state } of pipeline.breakers()) if (state !== 'closed') console.warn(provider, model, state);
   */
  breakers(): readonly BreakerState[];

  /**
   * The answers over HTTP that plugins offer, such as `/metrics`, for programs that serve the pipeline.
   * @see docs/plugins.md
   */
  endpoints(): readonly HttpEndpoint[];

  /** The pipeline's log; applications may write to it too. */
  readonly logger: Logger;

  /**
   * The chain, outermost first.
   * @see docs/interceptors.md
   */
  describe(): readonly DescribedInterceptor[];

  /**
   * The models a provider offers; by default the first provider. Providers may keep the list for some minutes, and return a
   * stored one if the vendor cannot be reached; the `source` of each model says so.
   */
  models(query?: string | ModelsQuery): Promise<readonly ModelInfo[]>;

  /** Asks a provider about the key in use: limits, usage, the free quota of the day. */
  key(provider?: string): Promise<AccountInfo>;

  /** Asks a provider for the account's credit. Some vendors report it to management keys only. */
  credits(provider?: string): Promise<CreditsInfo>;

  /**
   * Asks a provider for its record of one answer, by its `responseId`: tokens, cost, times, who answered. Vendors
   * know an answer some seconds after its end, so it is asked for up to five times within 15 s.
   */
  generation(responseId: string, provider?: string): Promise<GenerationInfo>;

  /**
   * Takes no new work, waits up to `ms` milliseconds for what runs, then disposes, which aborts what is left. Later calls fail
   * with `AbortError`. Calling it again changes nothing; `dispose()` ends the wait. Rejects with `invalid-input` if `ms` is not
   * a number from 0 to 2147483647.
   * @see docs/streaming.md
   * @example
   * process.once('SIGTERM', () => void pipeline.drain(30_000));
   */
  drain(ms: number): Promise<DrainResult>;

  /**
   * Aborts running generations, then closes sinks, plugins and connections. Later calls fail with `AbortError`. A step that
   * hangs is left after five seconds, and all of them end within a minute. Each one that fails is a warning in the log that
   * names its plugin; then it rejects with an `AggregateError` of all. A sink that fails is a warning only.
   * `await using pipeline = await createPipeline(…)` does the same at the end of a block.
   */
  dispose(): Promise<void>;

  /** The same as `dispose`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
