import type { Clock, CommandContext } from 'scriptorium/plugin';
import type { BookArguments } from './book-arguments.js';

/** The configuration of the plugin, which the options of the command win over. */
export interface BookSettings {
  readonly concurrency: number;
  readonly prompts: string | null;
}

/** What a form of the command works with. */
export interface BookCall {
  readonly arguments: BookArguments;
  readonly settings: BookSettings;
  readonly clock: Clock;
  readonly context: CommandContext;
}
