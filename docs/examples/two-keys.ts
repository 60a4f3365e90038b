// Two accounts side by side: each instance of the plugin is a provider with its own id, key and limits.
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({
  plugins: [openrouter(), openrouter({ id: 'second', siteTitle: 'The other press' })],
  // Usually from SCRIPTORIUM_PLUGINS_SECOND_API_KEY and SCRIPTORIUM_PLUGINS_SECOND_BASE_URL.
  config: { plugins: { second: { apiKey: 'another-key', baseUrl: process.env.OPENROUTER_BASE_URL } } },
});
const { provider } = await pipeline.generate({
  prompt: 'Write a sentence.',
  provider: 'second',
  providerOptions: { second: { session_id: 'ada' } }, // into the request's body as it is
});
console.log(`answered by ${provider}`);
await pipeline.dispose();
