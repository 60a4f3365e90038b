// Chapters by Claude: the style guide is read from the vendor's prompt cache, and OpenRouter goes on where Anthropic fails.
import { createPipeline } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({
  plugins: [anthropic(), openrouter()], // the keys from ANTHROPIC_API_KEY and OPENROUTER_API_KEY
  config: {
    defaults: { model: 'claude-sonnet-4-5' },
    routes: [{ provider: 'openrouter', model: 'anthropic/claude-sonnet-4.5' }],
  },
});
const guide = 'Short sentences. No adverbs. The sea is never blue.';

for (const chapter of ['The harbour', 'The storm']) {
  const { usage, provider } = await pipeline.generate({
    messages: [
      { role: 'system', content: [{ type: 'text', text: guide, cache: true }] }, // everything up to here
      { role: 'user', content: `Write the chapter "${chapter}".` },
    ],
    providerOptions: { anthropic: { service_tier: 'standard_only' } }, // into the request's body as it is
  });
  console.log(
    `${chapter}, by ${provider}: ${usage.cachedInputTokens ?? 0} of ${usage.inputTokens} input tokens from the cache`,
  );
}
await pipeline.dispose();
