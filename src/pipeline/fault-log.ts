import { reasonOf } from '../core/errors/classify.js';
import type { Logger } from '../core/ports.js';
import { guarded } from '../core/util/guarded.js';

/**
 * Reports a fault that must not fail a generation. Never throws.
 * @param culprit the part at fault, as the subject of a sentence
 * @param fault one of a few constant phrases
 * @param error what was thrown
 */
export type ReportFault = (culprit: string, fault: string, error?: unknown) => void;

/** Logs each kind of fault of each culprit once, as a warning. */
export function faultLog(logger: Logger): ReportFault {
  const logged = new Set<string>();
  return guarded((culprit, fault, error) => {
    const line = `${culprit} ${fault}`;
    if (logged.has(line)) return;
    logged.add(line);
    logger.warn(
      `${line}; further faults of this kind are not logged`,
      error === undefined ? {} : { reason: reasonOf(error) },
    );
  });
}
