import { Subscription } from 'rxjs';
import type { Observable, Subscriber } from 'rxjs';
import { ACCOUNT_BUDGETS } from '../core/account-budgets.js';
import type { AccountBudget } from '../core/account-budgets.js';
import { RequestContext } from '../core/context.js';
import { toGenerationError } from '../core/errors/classify.js';
import type { GenerationEvent } from '../core/events.js';
import type { GenerationResult } from '../core/result.js';
import type { GenerationInput } from '../input/generation-input.js';
import type { Buffered } from './buffered.js';
import { onAbort } from './lifetime.js';
import type { Lifetime } from './lifetime.js';
import type { MapOptions, MappedResult } from './mapped-result.js';
import { PulledInputs } from './map-inputs.js';
import type { MapInputs } from './map-inputs.js';
import { ProgressCount } from './map-progress.js';
import type { MapOutcome } from './map-progress.js';

/** Dependencies of `map`. */
export interface MappingParts {
  readonly generate: (input: GenerationInput, control: MappedControl) => Observable<GenerationResult>;
  readonly lifetime: Lifetime;
  /** Returns a name for the account of a budget that no other one has. */
  readonly newId: () => string;
  /** Reports that `onProgress` has thrown. */
  readonly report: (error: unknown) => void;
}

/** How one generation is ended, and who sees its events. */
export interface MappedControl {
  readonly signal: AbortSignal | undefined;
  readonly observe: ((event: GenerationEvent) => void) | undefined;
}

/** What one subscription works with. */
export interface MappingOptions<I extends GenerationInput> extends MappingParts {
  readonly options: MapOptions;
  /** Holds what a `for await` loop has not read; left out if results are pushed. */
  readonly reader: Buffered<MappedResult<I>> | undefined;
}

/** Results that may wait for their turn behind a text that takes long. Then nothing is started until it has ended. */
const MOST_WAITING = 1_000;

/** One subscription to `map`: pulls inputs, generates from them, and puts the results in order. */
export class Mapping<I extends GenerationInput> {
  private readonly work = new Subscription();
  private readonly inputs: PulledInputs<I>;
  private readonly waiting = new Map<number, MappedResult<I>>();
  private readonly progress: ProgressCount | undefined;
  private readonly budget: AccountBudget | undefined;
  private started = 0;
  private running = 0;
  private turn = 0;
  private isFilling = false;
  /** Nothing more is started. With an error the stream fails after the results that are under way. */
  private end: { readonly error?: unknown } | undefined;

  constructor(
    inputs: MapInputs<I>,
    private readonly subscriber: Subscriber<MappedResult<I>>,
    private readonly parts: MappingOptions<I>,
  ) {
    const { signal, budgetUsd, onProgress } = parts.options;
    this.inputs = new PulledInputs(inputs);
    if (onProgress !== undefined) this.progress = new ProgressCount(safely(onProgress, parts.report));
    if (budgetUsd !== undefined)
      this.budget = {
        account: `map/${parts.newId()}`,
        period: 'total',
        limit: { tokens: 0, usd: budgetUsd },
        isKept: false,
      };
    this.work.add(parts.lifetime.onEndOfPart(this.stop));
    if (signal !== undefined) this.work.add(onAbort(signal, this.stop));
  }

  /** Starts as much as may be started now. */
  fill(): void {
    if (this.isFilling) return;
    this.isFilling = true;
    while (this.mayStart())
      this.inputs.pull({
        value: (input) => this.start(input),
        end: () => this.finish({}),
        fail: (error) => this.finish({ error }),
      });
    this.isFilling = false;
    this.endIfOver();
  }

  /** The subscriber has left. */
  leave(): void {
    this.end ??= {};
    this.work.unsubscribe();
    this.inputs.leave();
  }

  private mayStart(): boolean {
    if (this.end !== undefined || this.inputs.isPulling || this.subscriber.closed) return false;
    const { options, reader, lifetime } = this.parts;
    if (this.running >= options.concurrency || this.waiting.size >= MOST_WAITING) return false;
    const unread = reader === undefined || reader.isAwaited ? 0 : reader.unread + this.waiting.size + this.running;
    if (unread >= options.concurrency) return false;
    const refusal = lifetime.refusal();
    if (refusal !== undefined) this.stop(refusal);
    return refusal === undefined;
  }

  private start(input: I): void {
    const index = this.started;
    this.started += 1;
    this.running += 1;
    const count = this.progress?.start();
    const settle = (outcome: MapOutcome): void => {
      this.running -= 1;
      if (count !== undefined) this.progress?.end(count, outcome);
      this.settle({ index, input, ...outcome });
    };
    const { generate, options } = this.parts;
    const observe = count && ((event: GenerationEvent): void => count.take(event));
    this.work.add(
      generate(this.paid(input), { signal: options.signal, observe }).subscribe({
        next: (result) => settle({ result }),
        error: (error: unknown) => settle({ error: toGenerationError(error) }),
      }),
    );
    this.fill();
  }

  private settle(mapped: MappedResult<I>): void {
    this.waiting.set(mapped.index, mapped);
    for (let due = this.waiting.get(this.turn); due !== undefined; due = this.waiting.get(this.turn)) {
      this.waiting.delete(this.turn);
      this.turn += 1;
      this.subscriber.next(due);
    }
    this.fill();
  }

  private readonly stop = (error: unknown): void => {
    this.inputs.leave();
    this.finish({ error });
  };

  private finish(end: { readonly error?: unknown }): void {
    this.end ??= end;
    this.endIfOver();
  }

  private endIfOver(): void {
    if (this.end === undefined || this.running > 0 || this.isFilling || this.waiting.size > 0) return;
    if ('error' in this.end) this.subscriber.error(this.end.error);
    else this.subscriber.complete();
  }

  private paid(input: I): GenerationInput {
    if (this.budget === undefined) return input;
    const { context = RequestContext.empty } = input;
    return { ...input, context: context.with(ACCOUNT_BUDGETS, [...context.get(ACCOUNT_BUDGETS), this.budget]) };
  }
}

/** Calls the program's own function. An observer must not fail a generation. */
function safely<T>(observe: (value: T) => void, report: (error: unknown) => void): (value: T) => void {
  return (value) => {
    try {
      observe(value);
    } catch (error) {
      report(error);
    }
  };
}
