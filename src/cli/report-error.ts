import { inspect } from 'node:util';
import { GenerationError } from 'scriptorium';
import { shown, shownJson, shownText } from '../shown/shown-text.js';
import type { Shown } from '../shown/shown-text.js';
import { withDotEnv } from './dot-env-sources.js';
import { EXIT } from './exit-codes.js';
import { plainMessage } from './plain-message.js';
import { lines, say } from './say.js';
import type { Shell } from './shell.js';

const LONGEST_STACK = 10_000;

/** One readable line on stderr, and the exit code that goes with it. What may be a mistake in a program comes with its stack. */
export function reportError(error: unknown, { stderr, fromDotEnv }: Pick<Shell, 'stderr' | 'fromDotEnv'>): number {
  const isOurs = GenerationError.is(error);
  say(
    stderr,
    lines(
      isOurs && error.code === 'configuration'
        ? listed(withDotEnv(messageOf(error), { fromDotEnv }))
        : shown`scriptorium: ${messageOf(error)}`,
    ),
  );
  if (!isOurs && error instanceof Error && error.stack !== undefined && !isOfTheSystem(error))
    say(stderr, lines(shownText(error.stack.slice(0, LONGEST_STACK))));
  return isOurs && (error.code === 'configuration' || error.code === 'invalid-input') ? EXIT.usage : EXIT.failed;
}

/** An error as one JSON object, for `--json`: an error of the pipeline with its details, another one with its message. */
export function errorJson(error: unknown): Shown {
  const details = GenerationError.is(error) ? error.toJSON() : { code: 'internal' };
  return lines(shownJson({ error: { ...details, message: messageOf(error) } }));
}

/** The problems of a configuration, each on a line of its own that cannot be taken for another message. */
function listed(message: string): Shown {
  const [first = '', ...others] = message.split('\n');
  return lines(shown`scriptorium: ${first}`, ...others.map((line) => shown`  ${line}`)).trimEnd() as Shown;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return plainMessage(error instanceof Error ? error.message : typeof error === 'string' ? error : inspect(error));
}

/** With one full stop at its end, so that another sentence may follow. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A port that is taken, a file that cannot be read: nobody has to look into the code for that. */
function isOfTheSystem(error: Error): boolean {
  return 'syscall' in error;
}
