import type { Command } from 'commander';
import { ConfigError, describeConfig, loadConfig } from 'scriptorium';
import type { ConfigLine, PipelineOptions } from 'scriptorium';
import { shown, shownJson } from '../shown/shown-text.js';
import type { Shown } from '../shown/shown-text.js';
import { cliConfigPaths, cliOptionsWith } from './cli-config.js';
import { EXIT } from './exit-codes.js';
import { configOption } from './options.js';
import { withAddressedPlugins } from './own-plugins.js';
import { withProviders } from './providers/with-providers.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';

/** `scriptorium config`: every value and where it comes from. What is wrong is told on stderr, after the values. */
export function addConfig(program: Command, shell: Shell): void {
  program
    .command('config')
    .description('print the configuration with the source of every value; secrets are masked')
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .action(async ({ config, json }: { readonly config?: string; readonly json?: true }) => {
      shell.exitWith(await show(config, json === true, shell));
    });
}

async function show(file: string | undefined, asJson: boolean, shell: Shell): Promise<number> {
  const unreadable: string[] = [];
  const { lines: described, problems } = await describeConfig(
    await withAddressedPlugins((await withProviders(readable(file, unreadable, shell))).options),
  );
  if (asJson) print(shell.stdout, inJson(described));
  else say(shell.stdout, inColumns(described));
  for (const problem of [...unreadable, ...problems]) say(shell.stderr, shown`scriptorium: ${problem}\n`);
  return unreadable.length + problems.length === 0 ? EXIT.ok : EXIT.usage;
}

/** Without the files that cannot be read, which are told. */
function readable(file: string | undefined, unreadable: string[], shell: Shell): PipelineOptions {
  const configFiles = cliConfigPaths(file, shell).flatMap((path) => {
    try {
      return loadConfig({ files: [path] });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      unreadable.push(error.message);
      return [];
    }
  });
  return cliOptionsWith(configFiles, shell);
}

function inJson(described: readonly ConfigLine[]): Shown {
  const entries = described.map(({ path, value, source }) => [path, { value, source }]);
  return lines(shownJson(Object.fromEntries(entries), 2));
}

function inColumns(described: readonly ConfigLine[]): Shown {
  const width = Math.max(...described.map(({ path }) => path.length));
  return lines(
    ...described.map(({ path, value, source }) => shown`${path.padEnd(width)}  ${shownJson(value)}  (${source})`),
  );
}
