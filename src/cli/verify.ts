import type { Command } from 'commander';
import { describeConfig, GenerationError } from 'scriptorium';
import type { AccountInfo, ConfigLine, Pipeline } from 'scriptorium';
import { cliPipelineOptions } from './cli-config.js';
import { withAddressedPlugins } from './own-plugins.js';
import { sourceOf, withDotEnv } from './dot-env-sources.js';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';
import type { Opened, PipelineFlags } from './open-pipeline.js';
import { adviceOn, advised } from './model-advice.js';
import { configOption, demoOption, modelOption, providerOption } from './options.js';
import type { Choice } from './providers/choose-provider.js';
import { VENDORS } from './providers/vendors.js';
import { withProviders } from './providers/with-providers.js';
import { asSentence, messageOf } from './report-error.js';
import type { Shell } from './shell.js';
import { verifyReport } from './verify-report.js';
import type { VerifyReport } from './verify-report.js';

/** `scriptorium verify`: is everything in place? One line a check. */
export function addVerify(program: Command, shell: Shell): void {
  program
    .command('verify')
    .description('check the configuration, the connection, the key and its quota, a generation, and the statistics')
    .addOption(configOption())
    .addOption(demoOption())
    .addOption(providerOption())
    .addOption(modelOption())
    .option('--json', 'print one JSON object')
    .action(async (flags: PipelineFlags & { readonly json?: true }) => {
      const withShell = { ...flags, shell };
      const verified = withPipeline(withShell, (opened) => verify(opened, withShell));
      const exitCode = await verified.catch((error: unknown) => {
        if (!GenerationError.is(error) || error.code !== 'configuration') throw error;
        const report = verifyReport(shell.stdout, flags.json === true);
        report.add({ name: 'configuration', outcome: 'failed', message: withDotEnv(messageOf(error), shell) });
        report.end(false);
        return EXIT.usage;
      });
      shell.exitWith(exitCode);
    });
}

type VerifyFlags = PipelineFlags & { readonly shell: Shell; readonly json?: true };
type Check = readonly [name: string, check: () => string | Promise<string>];

async function verify({ pipeline, choice }: Opened, flags: VerifyFlags): Promise<number> {
  const setting = flags.demo ? DEMO : await describeSetting(choice, flags);
  const checks: readonly Check[] = [
    ['configuration', () => setting.description],
    ['reachable', () => countModels(pipeline, setting)],
    ['key and quota', () => keyLine(pipeline, setting.provider)],
    ['generation', () => generateLine(pipeline, choice.model)],
    ['statistics', () => describeStats(pipeline)],
  ];
  const report = verifyReport(flags.shell.stdout, flags.json === true);
  let isFine = true;
  for (const [name, check] of checks) {
    if (!isFine) report.add({ name, outcome: 'skipped', message: 'not tried' });
    else isFine = await passes([name, check], report);
    if (isFine && name === 'reachable') await warnOfModel(setting, pipeline, report);
  }
  report.end(isFine);
  return isFine ? EXIT.ok : EXIT.failed;
}

async function passes([name, check]: Check, report: VerifyReport): Promise<boolean> {
  try {
    report.add({ name, outcome: 'passed', message: await check() });
    return true;
  } catch (error) {
    report.add({ name, outcome: 'failed', message: messageOf(error) });
    return false;
  }
}

/** A catalogue need not list every name that the vendor takes, so that an unlisted one is tried nevertheless. */
async function warnOfModel({ provider, model }: Setting, pipeline: Pipeline, report: VerifyReport): Promise<void> {
  const message = model === undefined ? undefined : await adviceOn({ provider, model }, pipeline);
  if (message !== undefined) report.add({ name: 'model', outcome: 'warning', message });
}

/** What the checks are about. */
interface Setting {
  readonly description: string;
  readonly provider: string | undefined;
  /** Undefined where the provider chooses it. */
  readonly model?: string | undefined;
}

const DEMO: Setting = { description: 'the emulator, which recites Moby-Dick', provider: 'openrouter' };

async function describeSetting(
  { provider, model }: Choice,
  { config, shell, ...wanted }: VerifyFlags,
): Promise<Setting> {
  const { options } = await withProviders(cliPipelineOptions(config, shell), { wanted });
  const described = (await describeConfig(await withAddressedPlugins(options))).lines;
  const lineOf = (path: string) => described.find((line) => line.path === path);
  const sourced = (line: ConfigLine): string => `${String(line.value)} (${sourceOf(line.source, shell)})`;
  const modelLine = [lineOf('defaults.model'), lineOf(`plugins.${provider}.model`)].find((line) => line?.value);
  const address = lineOf(`plugins.${provider}.baseUrl`);
  const key = lineOf(`plugins.${provider}.apiKey`);
  const parts = [
    `provider ${provider ?? 'the first that the configuration loads'}`,
    model === undefined ? modelLine && `model ${sourced(modelLine)}` : `model ${model} (--model)`,
    address && (address.value === null ? VENDORS.get(provider ?? '')?.baseUrl : sourced(address)),
    key && (key.value === null ? 'no key' : `key from ${sourceOf(key.source, shell)}`),
  ];
  const named = model ?? (modelLine === undefined ? undefined : String(modelLine.value));
  return { description: parts.filter(Boolean).join(', '), provider, model: named };
}

async function countModels(pipeline: Pipeline, { provider }: Setting): Promise<string> {
  try {
    return `${(await pipeline.models({ provider, fresh: true })).length} models`;
  } catch (error) {
    // Where a server has answered, its error says what to do.
    if (GenerationError.is(error) && error.status !== undefined) throw error;
    const variable = provider === 'openrouter' ? 'OPENROUTER_BASE_URL' : VENDORS.get(provider ?? '')?.baseUrlVariable;
    const key = provider === undefined ? '' : ` (plugins.${provider}.baseUrl)`;
    const address = `the base URL${key}${variable === undefined ? '' : `, which ${variable} sets`}`;
    throw new Error(`${asSentence(messageOf(error))} Check the network and ${address}.`, { cause: error });
  }
}

async function keyLine(pipeline: Pipeline, provider: string | undefined): Promise<string> {
  try {
    return describeAccount(await pipeline.key(provider));
  } catch (error) {
    // Many vendors have no such question; the list of models has been asked with the key.
    if (GenerationError.is(error) && error.code === 'invalid-input')
      return 'accepted; the provider does not report a quota';
    throw error;
  }
}

function describeAccount({ label, remainingUsd, dailyRequests }: AccountInfo): string {
  const money = remainingUsd === undefined ? 'no spending cap' : `$${remainingUsd} left`;
  const free =
    dailyRequests === undefined ? '' : `, ${dailyRequests.used} of ${dailyRequests.limit} free requests used today`;
  return `${label ?? 'valid'}, ${money}${free}`;
}

async function generateLine(pipeline: Pipeline, model: string | undefined): Promise<string> {
  const request = { prompt: 'Say in one short sentence that you are ready to write.', maxTokens: 60 };
  const result = await pipeline
    .generate(model === undefined ? request : { ...request, model })
    .catch(async (error: unknown) => {
      throw suggestModels(await advised(error, pipeline));
    });
  const line = result.text.replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > 70 ? `${line.slice(0, 70)}…` : line}" (${result.model}, ${Math.round(result.attempts.at(-1)?.latencyMs ?? 0)} ms)`;
}

/** OpenRouter answers 400 or 404 for a model that it does not have. */
function suggestModels(error: unknown): unknown {
  const isModel = GenerationError.is(error) && (error.code === 'not-found' || error.code === 'bad-request');
  return isModel
    ? new Error(`${asSentence(messageOf(error))} Take a model from the list that "scriptorium models" prints.`, {
        cause: error,
      })
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
