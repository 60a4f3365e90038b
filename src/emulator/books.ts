import { dayCount } from './day-count.js';
import type { RefusalKind } from './errors.js';
import { isFreeVariant } from './models.js';
import { slidingWindow } from './sliding-window.js';
import type { SlidingWindow } from './sliding-window.js';
import type { WireUsage } from './usage.js';

/** A vendor's books: what it was sent, accepted and billed, by its own clock. */
export interface Books {
  /** Requests whose head arrived. Those whose client left before the body was whole are neither accepted nor refused. */
  readonly requests: number;
  /** Requests that were valid and within every limit, those that met a fault later included. */
  readonly accepted: number;
  readonly refused: Readonly<Record<RefusalKind, number>>;
  readonly promptTokens: number;
  /** Tokens of text and of reasoning. A stream that broke off is billed for what it had produced. */
  readonly completionTokens: number;
  /** US dollars. */
  readonly costUsd: number;
  /** Most requests to `:free` models that were accepted in 60,000 ms. */
  readonly mostInAWindow: number;
  /** Most requests to `:free` models that were accepted in one day (UTC). */
  readonly mostInADay: number;
  /** Most requests to one model, free or paid, that were accepted in 60,000 ms. */
  readonly mostOfAModelInAWindow: number;
}

/** Keeps the books of one vendor. */
export interface Bookkeeper {
  /** The books as they stand. */
  readonly books: Books;
  arrived(): void;
  /** Enters a request that passed every limit at this moment (epoch milliseconds). */
  accepted(modelId: string, now: number): void;
  refused(kind: RefusalKind): void;
  /** Enters what a request has used so far in place of what it had used before. */
  bill(before: WireUsage | undefined, usage: WireUsage): void;
}

/** Empty books. */
export function bookkeeper(dayMs?: number): Bookkeeper {
  const refused = { invalid: 0, 'per-minute': 0, 'per-day': 0, upstream: 0 };
  const total = { requests: 0, accepted: 0, promptTokens: 0, completionTokens: 0, billionths: 0 };
  const most = mostAccepted(dayMs);
  return {
    get books() {
      const { billionths, ...counts } = total;
      return { ...counts, refused: { ...refused }, costUsd: billionths / 1e9, ...most.figures() };
    },
    arrived: () => void (total.requests += 1),
    accepted: (modelId, now) => {
      total.accepted += 1;
      most.add(modelId, now);
    },
    refused: (kind) => void (refused[kind] += 1),
    bill: (before, usage) => {
      total.promptTokens += usage.prompt_tokens - (before?.prompt_tokens ?? 0);
      total.completionTokens += usage.completion_tokens - (before?.completion_tokens ?? 0);
      total.billionths += billionthsOf(usage) - (before === undefined ? 0 : billionthsOf(before));
    },
  };
}

type Most = Pick<Books, 'mostInAWindow' | 'mostInADay' | 'mostOfAModelInAWindow'>;

/** The fullest windows and the fullest day. They are counted apart from the limits, so that they can prove them. */
function mostAccepted(dayMs?: number): { add(modelId: string, now: number): void; figures(): Most } {
  const minute = slidingWindow();
  const day = dayCount(dayMs);
  const models = new Map<string, SlidingWindow>();
  return {
    add: (modelId, now) => {
      const model = models.get(modelId) ?? slidingWindow();
      models.set(modelId, model);
      for (const count of isFreeVariant(modelId) ? [minute, day, model] : [model]) count.add(now);
    },
    figures: () => ({
      mostInAWindow: minute.most,
      mostInADay: day.most,
      mostOfAModelInAWindow: Math.max(0, ...Array.from(models.values(), (model) => model.most)),
    }),
  };
}

/** Whole billionths of a dollar, which add up exactly. */
function billionthsOf({ cost }: WireUsage): number {
  return Math.round(cost * 1e9);
}
