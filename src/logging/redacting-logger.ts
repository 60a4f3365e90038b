import type { Logger, Redact } from '../core/ports.js';
import { redactFields } from './redact-fields.js';

/** The same logger, given every line without known secrets and without fields whose name says that they are secret. */
export function redactingLogger(logger: Logger, redact: Redact): Logger {
  const write =
    (severity: keyof Logger): Logger['info'] =>
    (message, fields = {}) => {
      logger[severity](redact(message), redactFields(fields, redact));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
