import { Option } from 'commander';
import type { Command } from 'commander';
import type { ModelInfo } from 'scriptorium';
import { columnsOf } from '../shown/columns.js';
import { shown, shownJson } from '../shown/shown-text.js';
import { EXIT } from './exit-codes.js';
import { modelTable } from './model-table.js';
import { withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { configOption, demoOption, number, providerOption } from './options.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';
import { sorted, SORTS } from './sort-models.js';
import type { Sort } from './sort-models.js';

interface ModelFlags extends PipelineFlags {
  readonly json?: true;
  readonly free?: true;
  readonly minContext: number;
  readonly sort?: Sort;
  readonly provider?: string;
  readonly offline?: true;
}

/** `scriptorium models`: what the provider offers now. Needs no key, and no network either: then it shows what came with the package, and says so. */
export function addModels(program: Command, shell: Shell): void {
  program
    .command('models')
    .description("list a provider's models with context length, price and capabilities; needs no key")
    .argument('[filter]', 'only those whose id contains this')
    .addOption(configOption())
    .addOption(demoOption())
    .addOption(providerOption())
    .option('--free', 'only those that cost nothing')
    .option('--min-context <tokens>', 'only those with a context of so many tokens at least', number, 0)
    .addOption(
      new Option(
        '--sort <order>',
        "price: of the answer's tokens, cheapest first; context: longest first; name",
      ).choices(SORTS),
    )
    .option('--offline', 'send nothing: the list that came with the package')
    .option('--json', 'print one JSON array')
    .action(async (filter: string | undefined, flags: ModelFlags) => {
      const exitCode = await withPipeline(
        { ...flags, withoutKey: true, shell },
        async ({ pipeline, choice: { provider } }) => {
          const { stdout, stderr } = shell;
          const all = await pipeline.models({ provider, offline: flags.offline });
          const models = sorted(
            all.filter((model) => fits(model, filter ?? '', flags)),
            flags.sort,
          );
          noteSource(all, stderr);
          if (flags.json === true) print(stdout, lines(shownJson(models)));
          else if (models.length > 0) say(stdout, modelTable(models, columnsOf(stdout) ?? Infinity));
          else say(stderr, shown`No model fits; there are ${all.length} in all.\n`);
          return EXIT.ok;
        },
      );
      shell.exitWith(exitCode);
    });
}

function fits({ id, isFree, contextLength = 0 }: ModelInfo, part: string, { free, minContext }: ModelFlags): boolean {
  return (
    id.toLowerCase().includes(part.toLowerCase()) &&
    (free === undefined || isFree === true) &&
    contextLength >= minContext
  );
}

/** What is not the provider's own word of today is not passed off as such. */
function noteSource([model]: readonly ModelInfo[], stderr: Shell['stderr']): void {
  if (model?.source !== 'snapshot') return;
  const date = model.asOf === undefined ? 'an unknown day' : new Date(model.asOf).toISOString().slice(0, 10);
  say(
    stderr,
    shown`Not the provider's list of now, but a short one that came with the package,\nas of ${date}; prices may have changed since.\n`,
  );
}
