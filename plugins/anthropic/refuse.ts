import { GenerationError } from 'scriptorium';

/** A request that the Messages API cannot carry: it is refused before anything is sent. */
export function refused(message: string): GenerationError {
  return new GenerationError('bad-request', message, { neverSent: true });
}
