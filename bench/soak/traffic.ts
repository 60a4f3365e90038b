import { GenerationError } from '../../src/index.js';
import type { GenerationEvent, GenerationInput, Pipeline, Random } from '../../src/index.js';

/** How the generations ended. */
export interface Counts {
  generations: number;
  succeeded: number;
  cancelled: number;
  /** By error code. */
  readonly failed: Record<string, number>;
}

export interface TrafficParts {
  readonly pipeline: Pipeline;
  readonly random: Random;
  /** Shared by the generations that are not cancelled by a signal of their own. */
  readonly signal: AbortSignal;
  /** Takes descriptions of errors that are not a GenerationError. */
  readonly foreign: string[];
}

const CANCELLED = 0.2;
const WAYS = ['loop', 'signal', 'unsubscribe'] as const;

/** Generations that run to their end or are left on the way: by leaving a loop, by a signal, or by unsubscribing. */
export class Traffic {
  readonly counts: Counts = { generations: 0, succeeded: 0, cancelled: 0, failed: {} };

  constructor(private readonly parts: TrafficParts) {}

  /** Runs one generation after the other until the time is over. */
  async runUntil(endsAt: number): Promise<void> {
    while (performance.now() < endsAt) await this.generate(this.counts.generations);
  }

  private async generate(index: number): Promise<void> {
    const { counts, parts } = this;
    counts.generations += 1;
    const leavesAfter = parts.random() < CANCELLED ? Math.floor(parts.random() * 30) : Infinity;
    try {
      const events = await this.consume(index, leavesAfter);
      counts[events > leavesAfter ? 'cancelled' : 'succeeded'] += 1;
    } catch (error) {
      if (!GenerationError.is(error)) parts.foreign.push(`not a GenerationError: ${describeError(error)}`);
      else if (error.code === 'aborted') counts.cancelled += 1;
      else counts.failed[error.code] = (counts.failed[error.code] ?? 0) + 1;
    }
  }

  /** Resolves with the number of events that came. */
  private async consume(index: number, leavesAfter: number): Promise<number> {
    const way = index % WAYS.length;
    const controller = new AbortController();
    const input: GenerationInput = {
      prompt: `Write number ${index % 50}.`,
      labels: { way: String(way) },
      signal: WAYS[way] === 'signal' ? controller.signal : this.parts.signal,
      deadlineMs: 30_000,
    };
    if (WAYS[way] === 'loop') return this.loop(input, leavesAfter);
    return this.subscribe(input, leavesAfter, WAYS[way] === 'signal' ? controller : undefined);
  }

  private async loop(input: GenerationInput, leavesAfter: number): Promise<number> {
    const events: GenerationEvent[] = [];
    for await (const event of this.parts.pipeline.iterate(input)) {
      events.push(event);
      if (events.length > leavesAfter) break;
    }
    return events.length;
  }

  private subscribe(
    input: GenerationInput,
    leavesAfter: number,
    controller: AbortController | undefined,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      let events = 0;
      const leave = () => {
        subscription.unsubscribe();
        resolve(events);
      };
      const subscription = this.parts.pipeline.stream(input).subscribe({
        next: () => {
          events += 1;
          if (events <= leavesAfter) return;
          if (controller === undefined) queueMicrotask(leave);
          else controller.abort();
        },
        error: reject,
        complete: () => resolve(events),
      });
    });
  }
}

/** The stack of an error, or whatever else was thrown as a text. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
