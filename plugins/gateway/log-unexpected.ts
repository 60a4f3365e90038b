import { GenerationError } from 'scriptorium';
import type { Logger } from 'scriptorium/plugin';

/** Logs an error that is not a `GenerationError`: its sender sees nothing of it. @param place the method and path */
export function logUnexpected(logger: Logger, error: unknown, place: string): void {
  if (GenerationError.is(error)) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logger.error(`The gateway failed at ${place}: ${text}`);
}
