import { Command, CommanderError } from 'commander';
import { columnsOf } from '../shown/columns.js';
import { shownText } from '../shown/shown-text.js';
import { loadDotEnv } from './cli-config.js';
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
import { reportError } from './report-error.js';
import { say } from './say.js';
import type { Shell } from './shell.js';
import { addConfig } from './show-config.js';
import { addVerify } from './verify.js';

const COMMANDS = [addGenerate, addVerify, addDemo, addConfig, addModels, addKey, addEmulator, addImport, addPlugin];

/** The width of the help where there is no terminal. */
const HELP_COLUMNS = 80;

/** Runs the program. Errors go to the shell's stderr and exit code; the promise does not reject. */
export async function runProgram(args: readonly string[], shell: Shell): Promise<void> {
  const program = newProgram(shell, args);
  for (const add of COMMANDS) add(program, shell);
  try {
    loadDotEnv(shell);
    const ownCommand = await runPluginCommand(program, args, shell);
    if (ownCommand === undefined) await program.parseAsync(args, { from: 'user' });
    else shell.exitWith(ownCommand);
  } catch (error) {
    shell.exitWith(error instanceof CommanderError ? exitCodeOf(error) : reportError(error, shell));
  }
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
