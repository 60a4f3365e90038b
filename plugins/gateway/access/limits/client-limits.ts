import type { ClientState } from '../client.js';
import type { Policy } from '../policy.js';
import { MinuteWindow } from './minute-window.js';

/** The limits of a client, and what its generations use of them. All times are monotonic milliseconds. */
export class ClientLimits {
  private running = 0;
  private readonly requests = new MinuteWindow();
  private readonly tokens = new MinuteWindow();
  /** The tokens of the largest generation so far. So many are held for the next one; for the first, the whole limit. */
  private largest: number | undefined;

  /** When another generation fits: `now` or later; undefined if that depends on those under way. */
  availableAt(now: number, { concurrency, requestsPerMinute, tokensPerMinute }: Limits): number | undefined {
    if (concurrency !== undefined && this.running >= concurrency) return undefined;
    const times = [
      requestsPerMinute === undefined ? now : this.requests.availableAt(now, 1, requestsPerMinute),
      tokensPerMinute === undefined ? now : this.tokens.availableAt(now, this.largest ?? Infinity, tokensPerMinute),
    ];
    return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? now));
  }

  /** What is used of the limits. */
  usesAt(now: number, limits: Limits): Pick<ClientState, 'running' | 'limits'> {
    const { concurrency, requestsPerMinute, tokensPerMinute } = limits;
    return {
      running: this.running,
      limits: {
        ...(concurrency !== undefined && { concurrency: { used: this.running, limit: concurrency } }),
        ...(requestsPerMinute !== undefined && {
          requestsPerMinute: { used: this.requests.usedAt(now), limit: requestsPerMinute },
        }),
        ...(tokensPerMinute !== undefined && {
          tokensPerMinute: { used: this.tokens.usedAt(now), limit: tokensPerMinute },
        }),
      },
    };
  }

  /** Takes a place. @returns how to give it back, with the tokens of the generation */
  take(now: number, { requestsPerMinute, tokensPerMinute }: Limits): (now: number, tokens: number) => void {
    const held = tokensPerMinute === undefined ? 0 : Math.min(this.largest ?? Infinity, tokensPerMinute);
    this.running += 1;
    if (requestsPerMinute !== undefined) this.requests.settle(0, 1, now);
    this.tokens.hold(held);
    return (end, tokens) => {
      this.running -= 1;
      if (tokensPerMinute === undefined) return;
      this.largest = Math.max(this.largest ?? 0, tokens);
      this.tokens.settle(held, tokens, end);
    };
  }
}

/** The limits of a policy. */
export type Limits = NonNullable<Policy['limits']>;
