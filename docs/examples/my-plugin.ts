// A plugin with its own configuration, an interceptor and a stat sink.
import { createPipeline } from 'scriptorium';
import { definePlugin, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';

const budgetWatch = (options: { readonly maxTokens?: number } = {}): Plugin =>
  definePlugin({
    name: 'budget-watch',
    apiVersion: 1,
    config: { maxTokens: { doc: 'Warn when a generation used more tokens', format: whole(1), default: 10_000 } },
    options,
    setup(host) {
      const { maxTokens } = host.config; // a number: its type is read off the format
      let warnings = 0;
      host.addStatSink({
        name: 'budget-watch',
        record: (stat) => {
          if (stat.type !== 'generation-end' || stat.usage.inputTokens + stat.usage.outputTokens <= maxTokens) return;
          warnings += 1;
          host.logger.warn('a generation used many tokens', { generationId: stat.generationId });
        },
      });
      host.onDispose(() => console.log(`warnings: ${warnings}`));
    },
  });

const pipeline = await createPipeline({ plugins: [openrouter(), budgetWatch({ maxTokens: 5 })] });
await pipeline.generate({ prompt: 'Write a sentence.', maxTokens: 30 });
await pipeline.dispose();
