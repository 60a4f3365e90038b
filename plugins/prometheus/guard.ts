import type { Logger } from 'scriptorium/plugin';

/** Runs what only observes. What it throws is one line in the log, and no generation fails for it. */
export type Guard = (observe: () => void) => void;

/** Makes the guard of one plugin. */
export function guard(logger: Logger): Guard {
  let hasComplained = false;
  return (observe) => {
    try {
      observe();
    } catch (error) {
      if (!hasComplained)
        logger.warn('a metric could not be counted; further failures are not logged', {
          reason: error instanceof Error ? error.message : String(error),
        });
      hasComplained = true;
    }
  };
}
