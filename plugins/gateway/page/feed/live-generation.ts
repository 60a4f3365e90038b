import type { ObservedEvent } from 'scriptorium/plugin';
import { firstFacts, foldFacts } from './facts.js';
import type { Facts, FoldedFacts } from './facts.js';
import { WrittenText } from './written-text.js';

/** One generation that runs. */
export class LiveGeneration {
  readonly text = new WrittenText();
  private folded: FoldedFacts;
  private measured = 0;
  /** Monotonic milliseconds of the last text seen by `measure`. */
  wroteAt: number;
  /** Characters a second, smoothed over some seconds. */
  pace = 0;

  /** @param at epoch milliseconds @param begunAt monotonic milliseconds */
  constructor(first: ObservedEvent, { at, begunAt }: { readonly at: number; readonly begunAt: number }) {
    this.folded = firstFacts(first, at);
    this.wroteAt = begunAt;
  }

  get facts(): Facts {
    return this.folded.facts;
  }

  /** @param at epoch milliseconds */
  take(event: ObservedEvent['event'], at: number): void {
    if (event.type === 'text-delta') this.text.take(event.delta);
    else if (event.type === 'restart') this.text.restart();
    this.folded = foldFacts(this.folded, event, at);
  }

  /** Brings the pace up to date. @param now monotonic milliseconds */
  measure(now: number, elapsedMs: number): void {
    const written = this.text.taken - this.measured;
    this.measured = this.text.taken;
    if (written > 0) this.wroteAt = now;
    const weight = Math.min(1, elapsedMs / SMOOTHED_OVER_MS);
    this.pace += ((written * 1_000) / Math.max(1, elapsedMs) - this.pace) * weight;
  }
}

const SMOOTHED_OVER_MS = 3_000;
