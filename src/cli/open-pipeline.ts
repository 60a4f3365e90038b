import { ConfigError, createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { cliPipelineOptions } from './cli-config.js';

/** Options of every command that talks to a provider. */
export interface PipelineFlags {
  readonly config?: string;
  readonly demo?: true;
  readonly demoWithoutKey?: true;
  /** The command asks for nothing that needs a key. */
  readonly withoutKey?: true;
  readonly quiet?: true;
}

/** Builds the pipeline of a command, over the emulator if that is wanted, and closes both when the work is done. */
export async function withPipeline<T>(flags: PipelineFlags, work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
  const isDemo = flags.demo === true || (flags.demoWithoutKey === true && !process.env.OPENROUTER_API_KEY);
  if (isDemo && flags.quiet !== true) process.stderr.write('embedded n-gram model, not an LLM\n');
  // The emulator with its prose is loaded only where it is wanted.
  const demo = isDemo ? await (await import('./demo.js')).startDemo() : undefined;
  try {
    const pipeline = await createPipeline({
      ...cliPipelineOptions(flags.config, { isKeyOptional: flags.withoutKey === true }),
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
