import { EventEmitter } from 'node:events';
import { reasonOf } from '../core/errors/classify.js';
import type { Logger, Redact } from '../core/ports.js';
import { shownLine } from '../shown/shown-text.js';
import { isPromise } from '../core/util/maybe-promise.js';
import { once } from '../core/util/once.js';

/** A logger may return promises, against the contract. */
type AnyLogger = Readonly<Record<keyof Logger, (...line: Parameters<Logger['info']>) => unknown>>;

/**
 * Wraps a logger. Whatever it does, a line that cannot be written fails neither a generation nor the process: the first
 * failure is a warning of Node, later ones are dropped. Handles what it throws, what its promises reject with, and the
 * `error` events of a logger that emits events, such as winston's.
 * @param emitter the logger that emits the events, if `logger` wraps it
 * @param redact masks secrets in the warning
 */
export function guardedLogger(logger: Logger, emitter: unknown = logger, redact: Redact = (text) => text): Logger {
  const report = once((error: unknown) => {
    process.emitWarning(
      `The logger failed: ${shownLine(redact(reasonOf(error)))}. Further failures are not reported.`,
      'LoggerWarning',
    );
  });
  if (emitter instanceof EventEmitter) emitter.on('error', report);
  const write =
    (severity: keyof Logger) =>
    (...line: Parameters<Logger['info']>): void => {
      try {
        const result = (logger as AnyLogger)[severity](...line);
        if (isPromise(result)) void result.then(undefined, report);
      } catch (error) {
        report(error);
      }
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
