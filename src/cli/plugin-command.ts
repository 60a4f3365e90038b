import type { Command } from 'commander';
import { GenerationError, pluginCommands } from 'scriptorium';
import type { RunnableCommand } from 'scriptorium';
import { shown, shownText } from '../shown/shown-text.js';
import { cliPipelineOptions } from './cli-config.js';
import { EXIT } from './exit-codes.js';
import { maskArguments } from './masked-arguments.js';
import { withOwnPlugins } from './own-plugins.js';
import { withProviders } from './providers/with-providers.js';
import { messageOf } from './report-error.js';
import { print, say } from './say.js';
import type { Shell } from './shell.js';
import { stopSignal } from './stop-signal.js';
import type { StopSignal } from './stop-signal.js';

/** What asks for all commands: the help, also by no word at all, and completion. */
const HELP: readonly (string | undefined)[] = [undefined, 'help', '-h', '--help', 'completion'];

/** The one that is always there; it has no commands. */
const OWN_PLUGIN = 'openrouter';

/** Commands of plugins that come with the package. */
const AT_HOME = new Map([
  [
    'stats',
    {
      specifier: 'scriptorium/plugins/ledger',
      help: async () => (await import('scriptorium/plugins/ledger')).statsHelp(),
    },
  ],
]);

/**
 * A word that is none of the program's own commands may be one of a plugin that the configuration loads: runs it and gives
 * its exit code. For the help the plugins' commands are added to the program, to be listed there.
 * @param args `--config <path>` among them is the program's, everything else is the command's
 */
export async function runPluginCommand(
  program: Command,
  args: readonly string[],
  shell: Shell,
): Promise<number | undefined> {
  const {
    file,
    rest: [name, ...rest],
  } = takeConfig(args);
  if (HELP.includes(name)) {
    await listCommands(program, file, shell);
    return undefined;
  }
  if (name === undefined || name.startsWith('-') || has(program, name)) return undefined;
  const { commands, leftOut, dispose } = await pluginCommands(
    await withOwnPlugins((await withProviders(cliPipelineOptions(file, shell))).options, name),
  );
  const stop = stopSignal(shell);
  try {
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return await runUntilStopped(command, { args: rest, stop, shell });
  } finally {
    await dispose();
    stop.release();
  }
  add(program, commands);
  for (const { id, problems } of leftOut)
    if (id !== OWN_PLUGIN)
      say(shell.stderr, shown`scriptorium: the plugin "${id}" was left out: ${problems.join(' ')}\n`);
  return helpFromHome(name, { rest, file, shell });
}

/** The help of a command whose plugin is not loaded. @throws GenerationError for any other use of it */
async function helpFromHome(
  name: string,
  { rest, file, shell }: { readonly rest: readonly string[]; readonly file: string | undefined; readonly shell: Shell },
): Promise<number | undefined> {
  const home = AT_HOME.get(name);
  if (home === undefined) return undefined;
  if (!rest.some((word) => word === '-h' || word === '--help'))
    throw new GenerationError(
      'invalid-input',
      `"${name}" is a command of a plugin that is not loaded: put "load": ["${home.specifier}"] into ${file ?? 'a configuration file, and name the file with --config'}.`,
    );
  print(shell.stdout, shownText(await home.help()));
  return EXIT.ok;
}

/** A command that lets the abort of its signal through ends like any program that a signal stops. */
async function runUntilStopped(
  command: RunnableCommand,
  { args, stop, shell }: { readonly args: readonly string[]; readonly stop: StopSignal; readonly shell: Shell },
): Promise<number> {
  try {
    return await command.run(args, { signal: stop.signal, stdout: shell.stdout, stderr: shell.stderr });
  } catch (error) {
    const exitCode = stop.exitCode();
    if (exitCode === undefined || !(error instanceof Error && error.name === 'AbortError')) throw masked(error, args);
    return exitCode;
  }
}

/** A command may name an argument that it does not know. */
function masked(error: unknown, args: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const message = maskArguments(error.message, args);
  return message === error.message ? error : Object.defineProperty(error, 'message', { value: message });
}

/** The help is shown whatever is wrong. */
async function listCommands(program: Command, file: string | undefined, shell: Shell): Promise<void> {
  try {
    const { commands, dispose } = await pluginCommands(
      await withOwnPlugins((await withProviders(cliPipelineOptions(file, shell))).options, undefined),
    );
    add(program, commands);
    await dispose();
  } catch (error) {
    say(shell.stderr, shown`scriptorium: the commands of plugins are not listed: ${messageOf(error)}\n`);
  }
}

/** The program's own commands come first. */
function add(program: Command, commands: readonly RunnableCommand[]): void {
  for (const { name, description } of commands) if (!has(program, name)) program.command(name).description(description);
}

function has(program: Command, name: string): boolean {
  return program.commands.some((command) => command.name() === name);
}

/** Takes `--config <path>`, `--config=<path>` or `-c <path>` out of the words; what follows `--` is nobody's option. */
function takeConfig(args: readonly string[]): { readonly file: string | undefined; readonly rest: readonly string[] } {
  const at = args.findIndex(
    (word) => word === '--' || word === '-c' || word === '--config' || word.startsWith('--config='),
  );
  const word = args[at];
  if (word === undefined || word === '--') return { file: undefined, rest: args };
  if (word.startsWith('--config=')) return { file: word.slice('--config='.length), rest: args.toSpliced(at, 1) };
  const file = args[at + 1];
  if (file === undefined)
    throw new GenerationError('invalid-input', `The option ${word} needs the path of a configuration file.`);
  return { file, rest: args.toSpliced(at, 2) };
}
