import type { Command } from 'commander';
import type { ModelInfo } from 'scriptorium';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { configOption, demoOption } from './options.js';
import { reportError } from './report-error.js';

/** `scriptorium models`: what the provider offers now. */
export function addModels(program: Command): void {
  program
    .command('models')
    .description('list the provider\'s models with context length and price')
    .argument('[filter]', 'only those whose id contains this')
    .addOption(configOption())
    .addOption(demoOption())
    .option('--json', 'print one JSON array')
    .action(async (filter: string | undefined, flags: PipelineFlags & { readonly json?: true }) => {
      process.exitCode = await withPipeline(flags, async (pipeline) => {
        const models = (await pipeline.models()).filter(({ id }) => id.includes(filter ?? ''));
        process.stdout.write(flags.json === true ? `${JSON.stringify(models)}\n` : models.map(line).join(''));
        return EXIT.ok;
      }).catch(reportError);
    });
}

function line({ id, contextLength, price }: ModelInfo): string {
  const context = contextLength === undefined ? '' : `${Math.round(contextLength / 1000)}k`;
  return `${id.padEnd(52)} ${context.padStart(6)}  ${price === undefined ? '' : perMillion(price)}\n`;
}

function perMillion({ prompt, completion }: NonNullable<ModelInfo['price']>): string {
  if (Number(prompt) === 0 && Number(completion) === 0) return 'free';
  const dollars = (price: string): string => `$${(Number(price) * 1e6).toFixed(2)}`;
  return `${dollars(prompt)} in, ${dollars(completion)} out, a million tokens`;
}
