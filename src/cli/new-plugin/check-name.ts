import { isBuiltin } from 'node:module';
import { GenerationError } from 'scriptorium';

/** As a plugin may be called, and an npm package too. */
const NAME = /^[a-z][a-z0-9-]{0,99}$/;

/** Names that would be taken for something else. */
const TAKEN: ReadonlySet<string> = new Set([
  'scriptorium',
  'rxjs',
  'typescript',
  'default',
  'format',
  'constructor',
  'prototype',
  'openrouter',
]);

/** @throws GenerationError `invalid-input` for a name that no plugin, or no package, can have */
export function checkName(name: string): void {
  if (!NAME.test(name))
    throw invalid(
      `The name "${name}" must be lower-case letters, digits and dashes, beginning with a letter, at most 100 of them, such as "my-sink".`,
    );
  if (TAKEN.has(name) || isBuiltin(name))
    throw invalid(`The name "${name}" is taken; a plugin needs one of its own, such as "my-${name}".`);
}

function invalid(message: string): GenerationError {
  return new GenerationError('invalid-input', message);
}
