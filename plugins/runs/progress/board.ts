import type { RunEvent } from '../engine/run-event.js';
import type { RunStatus } from '../journal/run-status.js';
import { Flight } from './flight.js';
import { itemCount } from './format.js';
import { Pace } from './pace.js';

/** Now, in epoch milliseconds and monotonic. */
export interface Times {
  readonly now: number;
  readonly monotonic: number;
}

/** What is known of a run that is worked on here, and perhaps elsewhere, too. */
export class Board {
  readonly flights = new Map<string, Flight>();
  /** Why nothing can be claimed now. */
  waiting: Extract<RunEvent, { readonly type: 'run-waiting' }> | undefined;
  run: RunStatus | undefined;
  private readonly pace = new Pace();
  private start: { readonly at: number; readonly progress: number } | undefined;

  take(event: RunEvent, { now, monotonic }: Times): void {
    switch (event.type) {
      case 'run-start':
        this.run = event.run;
        this.start = { at: monotonic, progress: event.run.items.done };
        break;
      case 'run-waiting':
        this.waiting = event;
        break;
      case 'run-end':
        this.run = event.run;
        this.flights.clear();
        break;
      case 'item-start':
        this.waiting = undefined;
        this.flights.set(event.item, new Flight(event.item, event.text));
        break;
      case 'item-event':
        if (event.event.type === 'text-delta') this.pace.take(event.event.delta);
        this.flights.get(event.item)?.take(event.event, now);
        break;
      case 'journal-away':
      case 'journal-back':
        break;
      default:
        this.flights.delete(event.item);
    }
  }

  /** Words of done items, and of those in flight here. */
  get words(): number {
    return (this.run?.words ?? 0) + [...this.flights.values()].reduce((sum, { words }) => sum + words, 0);
  }

  tokensPerSecond(monotonic: number): number {
    return this.pace.tokensPerSecond(monotonic);
  }

  /** Items that have ended, with the share of those in flight that is likely to be written. */
  get progress(): number {
    if (this.run === undefined) return 0;
    const { done, failed, cancelled } = this.run.items;
    const usual = done === 0 ? Infinity : this.run.words / done;
    const begun = [...this.flights.values()].map(({ words }) => Math.min(words / usual, LIKELY_LEFT));
    return done + failed + cancelled + begun.reduce((sum, share) => sum + share, 0);
  }

  /** Epoch milliseconds at which the run may end, by what was written here so far. Undefined before an item is done. */
  endsAt({ now, monotonic }: Times): number | undefined {
    const { run, start, waiting } = this;
    if (run === undefined || start === undefined || run.items.done <= start.progress) return undefined;
    const perItem = (monotonic - start.at) / (this.progress - start.progress);
    const left = itemCount(run) - this.progress;
    return Math.max(now, waiting?.untilMs ?? now) + left * perItem;
  }
}

/** A text in flight may be longer than the usual one. */
const LIKELY_LEFT = 0.95;
