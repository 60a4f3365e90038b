import { describe, expect, it } from '@jest/globals';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const hasKey = Boolean(process.env.OPENROUTER_API_KEY);

describe('OpenRouter itself', () => {
  // One small call to a free model; without a key there is nothing to call with, and the test says that it was skipped.
  (hasKey ? it : it.skip)(
    `answers a small call${hasKey ? '' : ' (skipped: OPENROUTER_API_KEY is not set)'}`,
    async () => {
      const pipeline = await createPipeline({ plugins: [openrouter()] });
      const { text, usage } = await pipeline
        .generate({ prompt: 'Answer with the one word: ready', maxTokens: 20 })
        .finally(() => pipeline.dispose());
      expect(text).not.toBe('');
      expect(usage.source).toBe('reported');
    },
  );
});
