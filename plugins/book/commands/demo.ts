import type { Pipeline } from 'scriptorium';
import { columnsOf, shown } from 'scriptorium/plugin';
import { say } from 'scriptorium/plugins/runs/progress';
import type { BookCall } from './book-call.js';

/** So that the processes of one machine keep the vendor's limits together, also after a restart. */
const DEFAULTS = { stateFile: '.scriptorium/state.json' } as const;
/** Fast enough not to bore, slow enough to be seen. */
const TOKENS_PER_SECOND = 2_000;

/** Opens the pipeline of the configuration, or one over the emulator. */
export async function withDemo<T>(
  { arguments: { demo }, context }: BookCall,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  if (!demo) return work(await context.openPipeline({ defaults: DEFAULTS }));
  const { startEmulator } = await import('scriptorium/testing');
  const isWatched = columnsOf(context.stderr) !== undefined;
  const emulator = await startEmulator({ promptCache: true, ...(isWatched && { tokensPerSecond: TOKENS_PER_SECOND }) });
  say(context.stderr, shown`Demo: an emulator writes about an invented life; it is not an LLM.`);
  try {
    const config = {
      proxy: false as const,
      defaults: { provider: 'openrouter', model: 'scriptorium/careless-author' },
      plugins: { openrouter: { baseUrl: emulator.url, apiKey: 'demo' } },
    };
    return await work(await context.openPipeline({ config }));
  } finally {
    await emulator.close();
  }
}
