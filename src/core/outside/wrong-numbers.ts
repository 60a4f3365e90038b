import type { Warning } from '../events.js';

/** Called with a number from outside that cannot be true, and the name of its field. It counts as not given. */
export type Reject = (name: string, value: unknown) => void;

/** At most so many are named in one warning. */
const MOST_NAMED = 5;
const LONGEST_NAME = 60;

/** Collects the numbers of one answer that cannot be true, for a single warning. */
export class WrongNumbers {
  private found: string[] = [];
  private isReported = false;

  readonly reject: Reject = (name, value) => {
    if (!this.isReported && this.found.length < MOST_NAMED)
      this.found.push(`${name.slice(0, LONGEST_NAME)}: ${shown(value)}`);
  };

  /** Returns the warning after the first rejected numbers. Undefined if there are none, and after that. */
  warning(sender: string): string | undefined {
    if (this.found.length === 0) return undefined;
    this.isReported = true;
    const named = this.found.join(', ');
    this.found = [];
    return `${sender} sent numbers that cannot be true (${named}). They count as not given.`;
  }

  /** Emits the warning, if there is one. */
  warn(sender: string, emit: (event: Warning) => void): void {
    const message = this.warning(sender);
    if (message !== undefined) emit({ type: 'warning', message, about: 'numbers' });
  }
}

/** A text may be anything, so only its kind is shown. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? 'a text' : typeof value;
}
