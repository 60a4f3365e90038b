import type { Logger, Redact } from '../core/ports.js';
import { redactFields } from './redact-fields.js';

/** Wraps a logger. Masks known secrets, and fields whose name marks them as secret, in every line. */
export function redactingLogger(logger: Logger, redact: Redact): Logger {
  const write =
    (severity: keyof Logger): Logger['info'] =>
    (message, fields = {}) =>
      // Returned, since an asynchronous logger may reject.
      logger[severity](redact(message), redactFields(fields, redact));
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
