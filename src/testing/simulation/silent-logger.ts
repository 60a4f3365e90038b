import type { Logger } from '../../core/ports.js';

/** A logger that drops every line. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
