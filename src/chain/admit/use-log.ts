import { KEPT_MS, SLACK_MS } from './recent-uses.js';
import type { Use } from './recent-uses.js';

interface Second {
  lastAt: number;
  requests: number;
  tokens: number;
}

/** Counts what this process sends, by the second of its monotonic clock. */
export class UseLog {
  private readonly seconds = new Map<number, Second>();

  /** Adds what was sent at `at` (monotonic milliseconds), or takes it back by negative amounts. */
  add(at: number, requests: number, tokens: number): void {
    const second = Math.floor(at / 1_000);
    const counted = this.seconds.get(second);
    if (counted === undefined) {
      this.forget(at);
      this.seconds.set(second, { lastAt: at, requests, tokens });
    } else {
      counted.lastAt = Math.max(counted.lastAt, at);
      counted.requests += requests;
      counted.tokens += tokens;
    }
  }

  /** The uses so far, by the wall clock. @param aheadMs the wall clock minus the monotonic one */
  uses(now: number, aheadMs: number): readonly Use[] {
    this.forget(now);
    return [...this.seconds.values()]
      .filter(({ requests, tokens }) => requests > 0 || tokens > 0)
      .map(({ lastAt, requests, tokens }) => ({
        at: lastAt + SLACK_MS + aheadMs,
        requests: Math.max(requests, 0),
        tokens: Math.max(tokens, 0),
      }));
  }

  /** Number of seconds that are kept. */
  get size(): number {
    return this.seconds.size;
  }

  private forget(now: number): void {
    for (const [second, { lastAt }] of this.seconds) if (lastAt + KEPT_MS <= now) this.seconds.delete(second);
  }
}
