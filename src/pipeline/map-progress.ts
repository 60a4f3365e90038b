import type { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { GenerationResult } from '../core/result.js';
import { addCost, NO_COST, sumCost, sumUsage, UNMEASURED } from '../core/usage.js';
import type { Cost, Usage } from '../core/usage.js';
import { countWords, WordCounter } from '../core/words.js';

/** How far `map` has come. */
export interface MapProgress {
  /** Inputs whose text is whole. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Words of whole texts, and of those that are being written. */
  readonly words: number;
  /** Of all generations that have ended, failed ones included. */
  readonly usage: Usage;
  readonly cost: Cost;
}

/** The outcome of one generation. */
export type MapOutcome =
  | { readonly result: GenerationResult; readonly error?: undefined }
  | { readonly error: GenerationError; readonly result?: undefined };

/** Counts what generations have done, and reports each change. */
export class ProgressCount {
  private done = 0;
  private failed = 0;
  private words = 0;
  private usage: Usage = UNMEASURED;
  private cost: Cost = NO_COST;
  private readonly running = new Set<RunningCount>();

  constructor(private readonly report: (progress: MapProgress) => void) {}

  start(): RunningCount {
    const count = new RunningCount(() => this.changed());
    this.running.add(count);
    this.changed();
    return count;
  }

  end(count: RunningCount, { result, error }: MapOutcome): void {
    this.running.delete(count);
    const usages = (result ?? error).attempts.map(({ usage }) => usage);
    if (result === undefined) this.failed += 1;
    else this.done += 1;
    this.words += result === undefined ? 0 : countWords(result.text);
    this.usage = sumUsage([this.usage, ...usages]);
    this.cost = addCost(this.cost, sumCost(usages));
    this.changed();
  }

  private changed(): void {
    const { done, failed, usage, cost } = this;
    const words = [...this.running].reduce((sum, count) => sum + count.words, this.words);
    this.report({ done, failed, running: this.running.size, words, usage, cost });
  }
}

/** Counts the words of a text that is being written. */
export class RunningCount {
  private counter = new WordCounter();

  constructor(private readonly changed: () => void) {}

  get words(): number {
    return this.counter.words;
  }

  take(event: GenerationEvent): void {
    if (event.type !== 'text-delta' && event.type !== 'restart') return;
    const { words } = this;
    if (event.type === 'restart') this.counter = new WordCounter();
    else this.counter.take(event.delta);
    if (this.words !== words) this.changed();
  }
}
