/** A request of this worker for one limit key. */
export interface OwnRequest {
  readonly id: string;
  /** Its tokens, as a script has written them or will read them. */
  cost: string;
  /** Monotonic milliseconds of sending; undefined before. */
  sentAt: number | undefined;
  /** Whether the store counts it. */
  isCounted: boolean;
}

/** The share of a worker in the limits of a key: what it may send while the store is away. 0 is nothing. */
export interface Share {
  readonly requests: number;
  readonly tokens: number;
  readonly day: number;
}

/** The limits of a key, as all workers together have them. 0 means no limit. */
export interface KeyFigures {
  readonly intervalMs: number;
  readonly requests: number;
  readonly tokens: number;
  readonly day: number;
  readonly windowMs: number;
  /** The workers that share them. */
  readonly workers: number;
}

/** What a worker goes by without the store. */
export interface Alone {
  readonly figures: KeyFigures;
  readonly share: Share;
  /** Until one window has passed, a worker may send no more than it sent before, which the others still leave room for. */
  readonly isFirstWindow: boolean;
}

/** The requests of this worker in the last window of one limit key. */
export class OwnRequests {
  private requests: OwnRequest[] = [];
  private lastSentAt = -Infinity;
  /** The most that may be in a window at first. */
  private atFirst: { readonly requests: number; readonly tokens: number } | undefined;
  /** Requests of the day that the store does not count. */
  uncounted = { day: -1, count: 0 };

  add(request: OwnRequest): OwnRequest {
    this.requests.push(request);
    return request;
  }

  sent(request: OwnRequest, now: number): void {
    request.sentAt = now;
    this.lastSentAt = now;
  }

  remove(request: OwnRequest): void {
    this.requests = this.requests.filter((each) => each !== request);
  }

  /** Requests that have left the window do not matter any more. They stand about in the order of sending. */
  forget(now: number, windowMs: number): void {
    let over = 0;
    for (const { sentAt } of this.requests) {
      if (sentAt === undefined || sentAt + windowMs > now) break;
      over += 1;
    }
    if (over > this.requests.length / 2) this.requests = this.requests.slice(over);
  }

  /** Requests that the store does not count. */
  get toBring(): readonly OwnRequest[] {
    return this.requests.filter(({ isCounted }) => !isCounted);
  }

  /** The store is there again. */
  endAlone(): void {
    this.atFirst = undefined;
  }

  /** When a request of this cost fits into the share: `now` or later; undefined if that is not known. */
  availableAt(now: number, cost: number, { figures, share, isFirstWindow }: Alone): number | undefined {
    this.requests = this.requests.filter(({ sentAt }) => sentAt === undefined || sentAt + figures.windowMs > now);
    const sum = this.requests.reduce((tokens, request) => tokens + tokensOf(request), 0);
    if (isFirstWindow) this.atFirst ??= { requests: this.requests.length, tokens: sum };
    const most = isFirstWindow && this.atFirst !== undefined ? this.atFirst : { requests: Infinity, tokens: Infinity };
    const times = [now];
    if (figures.intervalMs > 0) {
      if (this.requests.some(({ sentAt }) => sentAt === undefined)) return undefined;
      times.push(this.lastSentAt + figures.intervalMs * figures.workers);
    }
    const need = [
      ...(figures.requests === 0 ? [] : [{ over: 1 - Math.min(share.requests, most.requests), of: () => 1 }]),
      ...(figures.tokens === 0 ? [] : [{ over: cost - Math.min(share.tokens, most.tokens), of: tokensOf }]),
    ];
    for (const { over, of } of need) {
      const moment = this.roomAt(now, over, { of, windowMs: figures.windowMs });
      if (moment === undefined) return undefined;
      times.push(moment);
    }
    return Math.max(...times);
  }

  /** When enough of what was sent before has left the window; undefined if that is not known. */
  private roomAt(
    now: number,
    over: number,
    { of, windowMs }: { readonly of: (request: OwnRequest) => number; readonly windowMs: number },
  ): number | undefined {
    let excess = this.requests.reduce((sum, request) => sum + of(request), over);
    if (excess <= 0) return now;
    for (const request of [...this.requests].sort(byAge)) {
      if (request.sentAt === undefined) return undefined;
      excess -= of(request);
      if (excess <= 0) return request.sentAt + windowMs;
    }
    return undefined;
  }
}

function tokensOf({ cost }: OwnRequest): number {
  return Number(cost);
}

function byAge(a: OwnRequest, b: OwnRequest): number {
  return (a.sentAt ?? Infinity) - (b.sentAt ?? Infinity);
}
