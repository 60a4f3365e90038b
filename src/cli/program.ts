import { Command, CommanderError } from 'commander';
import { GenerationError } from 'scriptorium';
import { columnsOf } from '../shown/columns.js';
import { shownText } from '../shown/shown-text.js';
import { loadDotEnv } from './cli-config.js';
import { addCompletion } from './completion.js';
import { addDemo } from './demo-command.js';
import { addEmulator } from './emulator.js';
import { EXIT } from './exit-codes.js';
import { addGenerate } from './generate.js';
import { addImport } from './import-litellm/command.js';
import { addKey } from './key.js';
import { addModels } from './models.js';
import { addPlugin } from './new-plugin/command.js';
import { packageVersion } from './package-root.js';
import { maskArguments } from './masked-arguments.js';
import { runPluginCommand } from './plugin-command.js';
import { errorJson, reportError } from './report-error.js';
import { print, say } from './say.js';
import type { Shell } from './shell.js';
import { addConfig } from './show-config.js';
import { addVerify } from './verify.js';

const COMMANDS = [
  ...[addGenerate, addVerify, addDemo, addConfig, addModels, addKey],
  ...[addEmulator, addImport, addPlugin, addCompletion],
];

/** The width of the help where there is no terminal. */
const HELP_COLUMNS = 80;

/** Runs the program. Errors go to the shell's stderr and exit code; the promise does not reject. */
export async function runProgram(words: readonly string[], surroundings: Shell): Promise<void> {
  const args = withoutHelp(words);
  let shell = surroundings;
  try {
    shell = { ...surroundings, fromDotEnv: loadDotEnv(surroundings) };
    const program = newProgram(shell, args);
    for (const add of COMMANDS) add(program, shell);
    const ownCommand = await runPluginCommand(program, args, shell);
    if (ownCommand === undefined)
      await program.parseAsync(isUnknown(program, args) ? args.slice(0, 1) : args, { from: 'user' });
    else shell.exitWith(ownCommand);
  } catch (error) {
    fail(error, args, shell);
  }
}

/** Of an unknown command there is no help, but an error. */
function isUnknown({ commands }: Command, [first = '-']: readonly string[]): boolean {
  return !first.startsWith('-') && first !== 'help' && commands.every((command) => command.name() !== first);
}

/** `help batch run` is `batch run --help`, also for commands of plugins. */
function withoutHelp(args: readonly string[]): readonly string[] {
  const [first, second = '-', ...others] = args;
  return first === 'help' && !second.startsWith('-') ? [second, ...others, '--help'] : args;
}

/** Sets the exit code, and prints the error: on stderr, and with `--json` on stdout as well. */
function fail(error: unknown, args: readonly string[], shell: Shell): void {
  const isUsage = error instanceof CommanderError;
  const isHelp = isUsage && error.exitCode === 0;
  if (!isHelp && wantsJson(args)) print(shell.stdout, errorJson(isUsage ? usageError(error, args) : error));
  shell.exitWith(isUsage ? exitCodeOf(error) : reportError(error, shell));
}

/** Whatever command it is: one that knows no `--json` fails, and says so in JSON. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function usageError({ message }: CommanderError, args: readonly string[]): GenerationError {
  return new GenerationError(
    'invalid-input',
    inOneLine(maskArguments(message.replace(/^error: /, ''), args)).trimEnd(),
  );
}

function newProgram({ stdout, stderr }: Shell, args: readonly string[]): Command {
  return new Command('scriptorium')
    .description('Write long text with language models.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      writeOut: (text) => say(stdout, shownText(text)),
      writeErr: (text) => say(stderr, shownText(text)),
      getOutHelpWidth: () => columnsOf(stdout) ?? HELP_COLUMNS,
      getErrHelpWidth: () => columnsOf(stderr) ?? HELP_COLUMNS,
      outputError: (text, print) => print(inOneLine(maskArguments(text.replace(/^error: /, 'scriptorium: '), args))),
    })
    .exitOverride();
}

/** A word of the command line may hold line ends. Hints, in parentheses, have lines of their own. */
function inOneLine(text: string): string {
  return `${text.trimEnd().replaceAll(/[\r\n]+(?!\()/g, ' ')}\n`;
}

/** Commander has printed the message, or the help, before it throws. */
function exitCodeOf({ exitCode }: CommanderError): number {
  return exitCode === 0 ? EXIT.ok : EXIT.usage;
}
