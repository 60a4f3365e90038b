import type { Command } from 'commander';
import { describeConfig } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { cliConfigFiles } from './cli-config.js';
import { EXIT } from './exit-codes.js';
import { configOption } from './options.js';
import { reportError } from './report-error.js';

/** `scriptorium config`: every value and where it comes from. */
export function addConfig(program: Command): void {
  program
    .command('config')
    .description('print the configuration with the source of every value; secrets are masked')
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .action(async ({ config, json }: { readonly config?: string; readonly json?: true }) => {
      process.exitCode = await show(config, json === true).catch(reportError);
    });
}

async function show(file: string | undefined, asJson: boolean): Promise<number> {
  const lines = await describeConfig({ plugins: [openrouter()], configFiles: cliConfigFiles(file) });
  if (asJson) {
    const entries = lines.map(({ path, value, source }) => [path, { value, source }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  } else {
    const width = Math.max(...lines.map(({ path }) => path.length));
    for (const { path, value, source } of lines) process.stdout.write(`${path.padEnd(width)}  ${JSON.stringify(value)}  (${source})\n`);
  }
  return EXIT.ok;
}
