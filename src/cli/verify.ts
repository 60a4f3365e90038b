import type { Command } from 'commander';
import { describeConfig, GenerationError } from 'scriptorium';
import type { AccountInfo, Pipeline } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import { cliPipelineOptions } from './cli-config.js';
import { withAddressedPlugins } from './own-plugins.js';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { configOption, demoOption } from './options.js';
import { asSentence, messageOf } from './report-error.js';
import { say } from './say.js';
import type { Shell } from './shell.js';

/** `scriptorium verify`: is everything in place? One line a check. */
export function addVerify(program: Command, shell: Shell): void {
  program
    .command('verify')
    .description('check the configuration, the connection, the key and its quota, a generation, and the statistics')
    .addOption(configOption())
    .addOption(demoOption())
    .action(async (flags: PipelineFlags) => {
      const withShell = { ...flags, shell };
      const verified = withPipeline(withShell, (pipeline) => verify(pipeline, withShell));
      const exitCode = await verified.catch((error: unknown) => {
        if (!GenerationError.is(error) || error.code !== 'configuration') throw error;
        say(shell.stdout, shown`✗ configuration: ${messageOf(error)}\n`);
        return EXIT.usage;
      });
      shell.exitWith(exitCode);
    });
}

type VerifyFlags = PipelineFlags & { readonly shell: Shell };
type Check = readonly [name: string, check: () => string | Promise<string>];

async function verify(pipeline: Pipeline, flags: VerifyFlags): Promise<number> {
  const checks: readonly Check[] = [
    ['configuration', () => (flags.demo ? 'the emulator, which recites Moby-Dick' : describeSetting(flags))],
    ['reachable', () => countModels(pipeline)],
    ['key and quota', async () => describeAccount(await pipeline.key())],
    ['generation', () => generateLine(pipeline)],
    ['statistics', () => describeStats(pipeline)],
  ];
  const { stdout } = flags.shell;
  let isFine = true;
  for (const check of checks) {
    if (isFine) isFine = await passes(check, stdout);
    else say(stdout, shown`- ${check[0]}: not tried\n`);
  }
  return isFine ? EXIT.ok : EXIT.failed;
}

async function passes([name, check]: Check, stdout: Shell['stdout']): Promise<boolean> {
  try {
    say(stdout, shown`✓ ${name}: ${await check()}\n`);
    return true;
  } catch (error) {
    say(stdout, shown`✗ ${name}: ${messageOf(error)}\n`);
    return false;
  }
}

async function countModels(pipeline: Pipeline): Promise<string> {
  try {
    return `${(await pipeline.models({ fresh: true })).length} models`;
  } catch (error) {
    // Where a server has answered, its error says what to do.
    if (GenerationError.is(error) && error.status !== undefined) throw error;
    throw new Error(
      `${asSentence(messageOf(error))} Check the network and the base URL (plugins.openrouter.baseUrl).`,
      {
        cause: error,
      },
    );
  }
}

async function describeSetting({ config, shell }: VerifyFlags): Promise<string> {
  const { lines } = await describeConfig(await withAddressedPlugins(cliPipelineOptions(config, { shell })));
  const lineOf = (path: string) => lines.find((line) => line.path === path);
  const about = (path: string): string => `${String(lineOf(path)?.value)} (${lineOf(path)?.source ?? 'default'})`;
  const model = lineOf('defaults.model')?.value === null ? 'plugins.openrouter.model' : 'defaults.model';
  return `model ${about(model)}, ${about('plugins.openrouter.baseUrl')}, key from ${lineOf('plugins.openrouter.apiKey')?.source ?? 'nowhere'}`;
}

function describeAccount({ label, remainingUsd, dailyRequests }: AccountInfo): string {
  const money = remainingUsd === undefined ? 'no spending cap' : `$${remainingUsd} left`;
  const free =
    dailyRequests === undefined ? '' : `, ${dailyRequests.used} of ${dailyRequests.limit} free requests used today`;
  return `${label ?? 'valid'}, ${money}${free}`;
}

async function generateLine(pipeline: Pipeline): Promise<string> {
  const { text, model, attempts } = await pipeline
    .generate({ prompt: 'Say in one short sentence that you are ready to write.', maxTokens: 60 })
    .catch(suggestModels);
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > 70 ? `${line.slice(0, 70)}…` : line}" (${model}, ${Math.round(attempts.at(-1)?.latencyMs ?? 0)} ms)`;
}

/** OpenRouter answers 400 or 404 for a model that it does not have. */
function suggestModels(error: unknown): never {
  const isModel = GenerationError.is(error) && (error.code === 'not-found' || error.code === 'bad-request');
  throw isModel
    ? new Error(
        `${asSentence(messageOf(error))} Take a model (OPENROUTER_MODEL) from the list that "scriptorium models" prints.`,
        { cause: error },
      )
    : error;
}

function describeStats(pipeline: Pipeline): string {
  const { requests, successful, tokens, cost } = pipeline.stats();
  if (requests !== 1 || tokens.total === 0)
    throw new Error(
      `${requests} requests and ${tokens.total} tokens were counted; it should be 1 request with its tokens. Please report this.`,
    );
  const price = cost.known === 0 ? '' : `, $${cost.known.toFixed(6)}`;
  return `${requests} request, ${successful} successful, ${tokens.prompt} + ${tokens.completion} tokens${price}`;
}
