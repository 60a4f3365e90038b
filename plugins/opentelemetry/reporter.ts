import type { Logger } from 'scriptorium/plugin';

/** Is told every failure of the exporters. @param lost spans that were not sent */
export type Report = (error: unknown, lost?: number) => void;

export interface Reporter {
  readonly report: Report;
  /** Spans that were not sent until now. */
  readonly lost: () => number;
}

/** Logs the first failure, and counts what they cost. What is lost are spans and figures, never a generation. */
export function reporter(logger: Logger, endpoint: string): Reporter {
  let hasReported = false;
  let lost = 0;
  const report: Report = (error, count = 0) => {
    lost += count;
    if (hasReported) return;
    hasReported = true;
    logger.warn('spans or metrics could not be sent; further failures are not logged', {
      endpoint,
      reason: error instanceof Error ? error.message : String(error),
    });
  };
  return { report, lost: () => lost };
}
