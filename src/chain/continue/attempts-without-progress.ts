import type { WithoutProgress } from '../../core/continuation.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { AttemptStart, GenerationEvent } from '../../core/events.js';
import { routeName } from '../../core/routes.js';

/** Counts the attempts by route since the text last grew. They count against `retry.maxAttempts`. */
export class AttemptsWithoutProgress {
  private readonly counts = new Map<string, Omit<WithoutProgress, 'failure'>>();
  private last: AttemptStart | undefined;

  take(event: GenerationEvent): void {
    if (event.type === 'attempt-start') {
      this.last = event;
      this.add(1, false);
    } else if (event.type === 'retry-scheduled' && event.isFree === true) this.add(-1, event.reason !== 'rate-limit');
  }

  clear(): void {
    this.counts.clear();
  }

  /** On the route of the last attempt. */
  get onThisRoute(): number {
    return this.last === undefined ? 0 : (this.counts.get(routeName(this.last))?.attempts ?? 0);
  }

  /** For `retry`, with the failure to report when no attempt is left. */
  byRoute(failure: GenerationError | undefined): ReadonlyMap<string, WithoutProgress> {
    return failure === undefined
      ? new Map()
      : new Map([...this.counts].map(([route, count]) => [route, { ...count, failure }]));
  }

  private add(one: 1 | -1, isFreeRetry: boolean): void {
    if (this.last === undefined) return;
    const route = routeName(this.last);
    const { attempts = 0, isFreeRetryUsed = false } = this.counts.get(route) ?? {};
    this.counts.set(route, { attempts: attempts + one, isFreeRetryUsed: isFreeRetryUsed || isFreeRetry });
  }
}
