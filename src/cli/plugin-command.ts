import type { Command } from 'commander';
import { cliConfigFiles } from './cli-config.js';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';

/** A word that is none of the program's own commands may be one of a plugin that the configuration loads. Gives the exit code, or nothing if it is not. */
export async function runPluginCommand(program: Command, [name, ...args]: readonly string[]): Promise<number | undefined> {
  if (name === undefined || name.startsWith('-') || name === 'help' || program.commands.some((command) => command.name() === name)) return undefined;
  if (!loadsPlugins()) return undefined;
  return withPipeline({ quiet: true }, async ({ commands }) => {
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return command.run(args);
    process.stderr.write(`scriptorium: unknown command "${name}"; plugins add: ${commands.map((known) => `${known.name} (${known.description})`).join(', ') || 'none'}\n`);
    return EXIT.usage;
  });
}

function loadsPlugins(): boolean {
  return process.env.SCRIPTORIUM_LOAD !== undefined || cliConfigFiles(undefined).some(({ values }) => 'load' in values);
}
