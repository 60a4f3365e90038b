import type { Logger } from 'scriptorium/plugin';

/** Runs what only observes: where it throws there is no result, and the first time a line in the log. */
export type Guard = <T>(observe: () => T) => T | undefined;

export function guard(logger: Logger): Guard {
  let hasComplained = false;
  return (observe) => {
    try {
      return observe();
    } catch (error) {
      if (!hasComplained)
        logger.warn('a span could not be made; further failures are not logged', {
          reason: error instanceof Error ? error.message : String(error),
        });
      hasComplained = true;
      return undefined;
    }
  };
}
