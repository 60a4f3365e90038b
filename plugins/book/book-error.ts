import { GenerationError } from 'scriptorium';

/** A refusal in words for the user. */
export function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}
