import type { Command } from 'commander';
import { ConfigError, describeConfig, loadConfig } from 'scriptorium';
import type { ConfigLine, PipelineOptions } from 'scriptorium';
import { cliConfigPaths, cliOptionsWith } from './cli-config.js';
import { EXIT } from './exit-codes.js';
import { configOption } from './options.js';
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
  const { lines, problems } = await describeConfig(readable(file, unreadable, shell));
  shell.stdout.write(asJson ? inJson(lines) : inColumns(lines));
  for (const problem of [...unreadable, ...problems]) shell.stderr.write(`scriptorium: ${problem}\n`);
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
  return cliOptionsWith(configFiles, { shell });
}

function inJson(lines: readonly ConfigLine[]): string {
  const entries = lines.map(({ path, value, source }) => [path, { value, source }]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function inColumns(lines: readonly ConfigLine[]): string {
  const width = Math.max(...lines.map(({ path }) => path.length));
  return lines
    .map(({ path, value, source }) => `${path.padEnd(width)}  ${JSON.stringify(value)}  (${source})\n`)
    .join('');
}
