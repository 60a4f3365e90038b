import type { Logger } from 'scriptorium/plugin';

/** Is told every failure of the exporters. */
export type Report = (error: unknown) => void;

/** Logs the first failure. What is lost are spans and figures, never a generation. */
export function reporter(logger: Logger, endpoint: string): Report {
  let hasReported = false;
  return (error) => {
    if (hasReported) return;
    hasReported = true;
    logger.warn('spans or metrics could not be sent; further failures are not logged', { endpoint, reason: error instanceof Error ? error.message : String(error) });
  };
}
