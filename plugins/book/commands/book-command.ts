import { GenerationError } from 'scriptorium';
import type { Clock, PluginCommand } from 'scriptorium/plugin';
import { RunError } from 'scriptorium/plugins/runs';
import { bookArguments } from './book-arguments.js';
import type { BookCall, BookSettings } from './book-call.js';
import { BOOK_HELP } from './book-help.js';
import { checkCommand } from './check-command.js';
import { resumeCommand, writeCommand } from './write-command.js';

/** The parts of `bookCommand`. */
export interface BookCommandParts {
  readonly name: string;
  readonly settings: BookSettings;
  readonly clock: Clock;
}

const ACTIONS = { write: writeCommand, resume: resumeCommand, check: checkCommand } as const;

/** `scriptorium book`: writes books, goes on with them, and checks them. */
export function bookCommand({ name, settings, clock }: BookCommandParts): PluginCommand {
  return {
    name,
    description: 'write a whole book about a subject, or check one',
    run: async (args, context) => {
      const given = bookArguments(args);
      if (given.action === 'help') {
        context.stdout.write(BOOK_HELP);
        return 0;
      }
      const call: BookCall = { arguments: given, settings, clock, context };
      return ACTIONS[given.action](call).catch((error: unknown) => {
        throw RunError.is(error) ? new GenerationError('invalid-input', error.message, { cause: error }) : error;
      });
    },
  };
}
