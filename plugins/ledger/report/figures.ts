/** What a set of generations and attempts comes to: the figures of `pipeline.stats()`, with exact money and percentiles. */
export interface Figures {
  readonly requests: number;
  readonly successful: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly attempts: number;
  readonly retries: number;
  readonly attemptsBySource: {
    readonly reported: number;
    readonly estimated: number;
    readonly unmeasured: number;
    readonly unsent: number;
  };
  readonly tokens: {
    readonly prompt: number;
    readonly completion: number;
    readonly total: number;
    readonly cached: number;
    readonly cacheWrite: number;
    readonly reasoning: number;
  };
  readonly cost: Money;
  /** Of successful generations, in milliseconds. */
  readonly latencyMs: Percentiles;
  readonly timeToFirstTokenMs: Percentiles;
}

/** Units of 10⁻¹² US dollars. */
export interface Money {
  readonly known: bigint;
  readonly estimated: bigint;
  readonly unmeasuredAttempts: number;
}

/** Nearest rank: each is a duration that was measured. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export const NO_PERCENTILES: Percentiles = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

export const NO_FIGURES: Figures = {
  requests: 0,
  successful: 0,
  failed: 0,
  cancelled: 0,
  attempts: 0,
  retries: 0,
  attemptsBySource: { reported: 0, estimated: 0, unmeasured: 0, unsent: 0 },
  tokens: { prompt: 0, completion: 0, total: 0, cached: 0, cacheWrite: 0, reasoning: 0 },
  cost: { known: 0n, estimated: 0n, unmeasuredAttempts: 0 },
  latencyMs: NO_PERCENTILES,
  timeToFirstTokenMs: NO_PERCENTILES,
};

/** From 0 to 1; nothing where nothing has ended. */
export function successRate({ requests, successful }: Figures): number | undefined {
  return requests === 0 ? undefined : successful / requests;
}

/** What was spent, as far as anybody knows. */
export function spent({ known, estimated }: Money): bigint {
  return known + estimated;
}
