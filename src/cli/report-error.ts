import { GenerationError } from 'scriptorium';
import { EXIT } from './exit-codes.js';
import type { Shell } from './shell.js';

/** One readable line on stderr, and the exit code that goes with it. What may be a mistake in a program comes with its stack. */
export function reportError(error: unknown, { stderr }: Pick<Shell, 'stderr'>): number {
  const isOurs = GenerationError.is(error);
  stderr.write(`scriptorium: ${messageOf(error)}\n`);
  if (!isOurs && error instanceof Error && error.stack !== undefined && !isOfTheSystem(error))
    stderr.write(`${error.stack}\n`);
  return isOurs && (error.code === 'configuration' || error.code === 'invalid-input') ? EXIT.usage : EXIT.failed;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** With one full stop at its end, so that another sentence may follow. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A port that is taken, a file that cannot be read: nobody has to look into the code for that. */
function isOfTheSystem(error: Error): boolean {
  return 'syscall' in error;
}
