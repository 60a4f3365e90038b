import { ConfigError, createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import { cliPipelineOptions } from './cli-config.js';
import type { DemoPrompt } from './demo.js';
import { hasKey } from './has-key.js';
import { withAddressedPlugins } from './own-plugins.js';
import { say } from './say.js';
import type { Shell } from './shell.js';

/** Options of every command that talks to a provider. */
export interface PipelineFlags {
  readonly config?: string;
  readonly demo?: true;
  readonly demoWithoutKey?: true;
  /** The command asks for nothing that needs a key. */
  readonly withoutKey?: true;
  readonly quiet?: true;
  /** What the command will ask for, if that is known before. */
  readonly asked?: DemoPrompt;
}

/** Whether the command uses the emulator. */
export function isDemo({ demo, demoWithoutKey }: PipelineFlags, { env }: Shell): boolean {
  return demo === true || (demoWithoutKey === true && !hasKey(env));
}

/** Builds the pipeline of a command, over the emulator if that is wanted, and closes both when the work is done. */
export async function withPipeline<T>(
  { shell, ...flags }: PipelineFlags & { readonly shell: Shell },
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  // The emulator with its book is loaded only where it is wanted.
  const demo = isDemo(flags, shell) ? await (await import('./demo.js')).startDemo(shell) : undefined;
  if (demo !== undefined && flags.quiet !== true) say(shell.stderr, shown`${demo.heading(flags.asked)}\n`);
  try {
    const pipeline = await createPipeline({
      ...(await withAddressedPlugins(
        cliPipelineOptions(flags.config, { shell, isKeyOptional: flags.withoutKey === true }),
      )),
      ...(demo && { config: demo.config }),
    }).catch(suggestDemo);
    return await work(pipeline).finally(() => pipeline.dispose());
  } finally {
    await demo?.close();
  }
}

function suggestDemo(error: unknown): never {
  if (
    error instanceof ConfigError &&
    error.problems.some((problem) => problem.startsWith('plugins.openrouter.apiKey '))
  ) {
    throw new ConfigError(`${error.message}\nTo try it without a key, add --demo.`, {
      problems: error.problems,
      cause: error,
    });
  }
  throw error;
}
