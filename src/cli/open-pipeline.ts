import { createPipeline, GenerationError } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { cliConfigFiles } from './cli-config.js';

/** Options of every command that talks to a provider. */
export interface PipelineFlags {
  readonly config?: string;
  readonly demo?: true;
  readonly demoWithoutKey?: true;
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
      plugins: [openrouter()],
      configFiles: cliConfigFiles(flags.config),
      ...(demo && { config: demo.config }),
    }).catch(suggestDemo);
    return await work(pipeline).finally(() => pipeline.dispose());
  } finally {
    await demo?.close();
  }
}

function suggestDemo(error: unknown): never {
  if (GenerationError.is(error) && error.message.includes('plugins.openrouter.apiKey (OpenRouter API key) is required')) {
    throw new GenerationError('configuration', `${error.message}\nTo try it without a key, add --demo.`, { cause: error });
  }
  throw error;
}
