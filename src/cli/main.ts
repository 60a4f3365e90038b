#!/usr/bin/env node
import { Command } from 'commander';
import { loadDotEnv } from './cli-config.js';
import { exitOnClosedPipe } from './closed-pipe.js';
import { addDemo } from './demo-command.js';
import { addEmulator } from './emulator.js';
import { EXIT } from './exit-codes.js';
import { addGenerate } from './generate.js';
import { addKey } from './key.js';
import { addModels } from './models.js';
import { addPlugin } from './new-plugin/command.js';
import { packageVersion } from './package-root.js';
import { runPluginCommand } from './plugin-command.js';
import { reportError } from './report-error.js';
import { addConfig } from './show-config.js';
import { addVerify } from './verify.js';

const program = new Command('scriptorium')
  .description('Write long text with language models.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for the options)')
  .configureOutput({ outputError: (text, print) => print(text.replace(/^error: /, 'scriptorium: ')) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage));

for (const add of [addGenerate, addVerify, addDemo, addConfig, addModels, addKey, addEmulator, addPlugin]) add(program);
exitOnClosedPipe();
try {
  loadDotEnv();
  const ownCommand = await runPluginCommand(program, process.argv.slice(2));
  if (ownCommand === undefined) await program.parseAsync();
  else process.exitCode = ownCommand;
} catch (error) {
  process.exitCode = reportError(error);
}
