import type { Logger } from '../core/ports.js';

/**
 * For the interceptor `logging`, whose errors are failed generations: writes them as info, so that an error which the caller has
 * caught does not stand in the log by default.
 */
export function withFailuresAsInfo(logger: Logger): Logger {
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => logger.warn(message, fields),
    error: (message, fields) => logger.info(message, fields),
  };
}
