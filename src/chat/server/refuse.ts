import { GenerationError } from '../../core/errors/generation-error.js';

/** Refuses a request. @param problem names the field and what it must be */
export function refuse(problem: string): never {
  throw new GenerationError('invalid-input', `${problem}.`, { status: 400 });
}
