import type { LogFields, Logger } from '../../../src/core/ports.js';

/** Keeps every line. */
export class MemoryLogger implements Logger {
  readonly lines: { readonly severity: keyof Logger; readonly message: string; readonly fields: LogFields }[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ severity: 'debug', message, fields });
  }
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ severity: 'info', message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ severity: 'warn', message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ severity: 'error', message, fields });
  }

  get messages(): readonly string[] {
    return this.lines.map(({ severity, message }) => `${severity}: ${message}`);
  }
}

/** A logger that is out of order. */
export function brokenLogger(): Logger {
  const fail = (): never => {
    throw new Error('the disk is full');
  };
  return { debug: fail, info: fail, warn: fail, error: fail };
}
