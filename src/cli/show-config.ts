import type { Command } from 'commander';
import { ConfigError, describeConfig, loadConfig } from 'scriptorium';
import type { ConfigLine, PipelineOptions } from 'scriptorium';
import { shown, shownJson } from '../shown/shown-text.js';
import type { Shown } from '../shown/shown-text.js';
import { cliConfigPaths, cliOptionsWith, cliPipelineOptions } from './cli-config.js';
import { sourceOf, withDotEnv } from './dot-env-sources.js';
import { EXIT } from './exit-codes.js';
import { configOption } from './options.js';
import { withAddressedPlugins } from './own-plugins.js';
import { packagePlugins } from './package-plugins.js';
import { plainMessage } from './plain-message.js';
import { withProviders } from './providers/with-providers.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';

interface ConfigFlags {
  readonly config?: string;
  readonly json?: true;
  readonly schema?: true;
}

/** `scriptorium config`: every value and where it comes from. What is wrong is told on stderr, after the values. */
export function addConfig(program: Command, shell: Shell): void {
  program
    .command('config')
    .description('print the configuration with the source of every value; secrets are masked')
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .option('--schema', 'print the JSON Schema of configuration files instead')
    .action(async ({ config, json, schema }: ConfigFlags) => {
      shell.exitWith(schema === true ? await showSchema(config, shell) : await show(config, json === true, shell));
    });
}

/** The schema knows the plugins of the package, and those that the configuration loads. */
async function showSchema(file: string | undefined, shell: Shell): Promise<number> {
  const options = cliPipelineOptions(file, shell);
  const loaded = (await describeConfig(options)).lines.flatMap(
    ({ path }) => /^plugins\.([^.]+)\./.exec(path)?.[1] ?? [],
  );
  const { schema } = await describeConfig({ ...options, plugins: await packagePlugins(new Set(loaded)) });
  print(shell.stdout, lines(shownJson(schema(), 2)));
  return EXIT.ok;
}

async function show(file: string | undefined, asJson: boolean, shell: Shell): Promise<number> {
  const unreadable: string[] = [];
  const found = await describeConfig(
    await withAddressedPlugins((await withProviders(readable(file, unreadable, shell))).options),
  );
  const described = found.lines.map((line) => ({ ...line, source: sourceOf(line.source, shell) }));
  const problems = [...unreadable, ...found.problems].map((problem) => plainMessage(withDotEnv(problem, shell)));
  if (asJson) print(shell.stdout, inJson(described, problems));
  else say(shell.stdout, inColumns(described));
  for (const problem of problems) say(shell.stderr, shown`scriptorium: ${problem}\n`);
  return problems.length === 0 ? EXIT.ok : EXIT.usage;
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

/** The problems, if there are any, stand beside the keys. */
function inJson(described: readonly ConfigLine[], problems: readonly string[]): Shown {
  const entries = described.map(({ path, value, source }) => [path, { value, source }]);
  return lines(shownJson({ ...Object.fromEntries(entries), ...(problems.length > 0 && { problems }) }, 2));
}

function inColumns(described: readonly ConfigLine[]): Shown {
  const width = Math.max(...described.map(({ path }) => path.length));
  return lines(
    ...described.map(({ path, value, source }) => shown`${path.padEnd(width)}  ${shownJson(value)}  (${source})`),
  );
}
