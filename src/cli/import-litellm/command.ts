import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from 'scriptorium';
import { shown, shownJson } from '../../shown/shown-text.js';
import { EXIT } from '../exit-codes.js';
import { lines, print, say } from '../say.js';
import type { Shell } from '../shell.js';
import { importLitellm } from './import-litellm.js';

/** `scriptorium import litellm FILE`: prints a configuration made of LiteLLM's, and on stderr what it does not hold. */
export function addImport(program: Command, shell: Shell): void {
  program
    .command('import')
    .description('make a configuration of that of another program: import litellm <file>')
    .command('litellm')
    .description("print a configuration made of LiteLLM's config.yaml; notes go to stderr")
    .argument('<file>', 'a config.yaml of LiteLLM')
    .option('-m, --model <name>', 'the model_name that generations use (default: the first one)')
    .action(async (file: string, { model }: { readonly model?: string }) => {
      shell.exitWith(await run(file, model, shell));
    });
}

async function run(file: string, model: string | undefined, { folder, stdout, stderr }: Shell): Promise<number> {
  const document = await parsed(resolve(folder, file));
  try {
    const { config, notes } = importLitellm(document, model);
    print(stdout, lines(shownJson(config, 2)));
    for (const note of notes) say(stderr, lines(shown`${note}`));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(`Nothing can be imported from ${file}: ${error.message}.`, { cause: error });
  }
}

/** The YAML library is loaded for this command only. */
async function parsed(path: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ConfigError(`Cannot read ${path} as YAML: ${reason}`, { cause: error });
  }
}
