import { Writable } from 'node:stream';
import { createLogger, format, transports } from 'winston';
import type { Logger as Winston } from 'winston';
import type { Logger, Redact } from '../core/ports.js';
import { shownJson, shownText } from '../shown/shown-text.js';
import { redactFields } from './redact-fields.js';

/** Ordered from most to least severe. */
const SEVERITIES = ['error', 'warn', 'info', 'debug'] as const;
type Severity = (typeof SEVERITIES)[number];

/** Level and format of the log; `auto` is `pretty` on a terminal and `json` otherwise. */
export interface LoggingSettings {
  readonly level: 'silent' | Severity;
  readonly format: 'auto' | 'json' | 'pretty';
}

/**
 * Logs to stderr, one line per entry: JSON, or readable on a terminal. Masks secrets and escapes line breaks. Import this
 * file only where there is a log: winston takes long to load.
 */
export function winstonLogger(settings: LoggingSettings, redact: Redact): Logger {
  let winston: Winston | undefined;
  const write = (severity: Severity): Logger['info'] => {
    const isWritten = settings.level !== 'silent' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(settings.level);
    if (!isWritten) return () => undefined;
    return (message, fields = {}) => {
      winston ??= makeWinston(settings);
      winston.log(severity, redact(message), redactFields(fields, redact));
    };
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function makeWinston({ level, format: style }: LoggingSettings): Winston {
  const isPretty = style === 'pretty' || (style === 'auto' && process.stderr.isTTY);
  const logger = createLogger({
    level,
    format: format.combine(
      format.timestamp(),
      isPretty ? format.printf(prettyLine) : format.printf((line) => shownJson(line)),
    ),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares its classes twice
    transports: new transports.Stream({ stream: stderr(), eol: '\n' }),
  });
  logger.on('error', () => undefined);
  return logger;
}

/** Writes lines to stderr. One that cannot be written is lost: a closed pipe or a full disk does not end the process. */
function stderr(): Writable {
  let pending = 0;
  const ignore = (): void => undefined;
  // Later than the stream's own error, which is emitted after the write.
  const settled = (): void =>
    void setImmediate(() => {
      pending -= 1;
      if (pending === 0) process.stderr.off('error', ignore);
    });
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      if (pending === 0) process.stderr.on('error', ignore);
      pending += 1;
      process.stderr.write(line, settled);
      done();
    },
  });
}

function prettyLine({ timestamp, level, message, ...fields }: Record<string, unknown>): string {
  const time = String(timestamp).slice(11, 19);
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  const details = shown.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? oneLine(value) : shownJson(value)}`,
  );
  return [time, String(level).padEnd(5), oneLine(String(message)), ...details].join(' ');
}

function oneLine(text: string): string {
  return shownText(text.replaceAll('\r', '\\r').replaceAll('\n', '\\n')).replaceAll('\n', '\\n');
}
