import { shown } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';
import type { RunEvent } from '../engine/run-event.js';
import { reasonText } from './format.js';

/** Notices from the events of items that their provider is away, and that it is back: a line each. */
export class OutageText {
  private isAway = false;
  private lastReason: string | undefined;

  /** The line about an event; undefined for most. */
  take(event: RunEvent): Shown | undefined {
    if (event.type !== 'item-event') return undefined;
    const { event: inner } = event;
    if (inner.type === 'retry-scheduled') this.lastReason = reasonText(inner.reason);
    if (inner.type === 'waiting' && inner.for === 'breaker') return this.away();
    return inner.type === 'text-delta' ? this.back() : undefined;
  }

  private away(): Shown | undefined {
    if (this.isAway) return undefined;
    this.isAway = true;
    const why = this.lastReason === undefined ? '' : ` (${this.lastReason})`;
    return shown`The provider keeps failing${why}. Items wait until it answers again.`;
  }

  private back(): Shown | undefined {
    if (!this.isAway) return undefined;
    this.isAway = false;
    return shown`The provider answers again.`;
  }
}
