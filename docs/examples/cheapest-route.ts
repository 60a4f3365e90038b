// Each book goes to the cheapest of the models that are allowed, and stays there; the result says why.
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({
  plugins: [openrouter()],
  config: {
    routes: 'cheapest', // or 'fastest', by the answers so far
    // US dollars a million tokens. The request's own model takes part, unless its price is above the cap or unknown.
    routing: { models: ['deepseek/deepseek-v4-flash', 'openai/gpt-5-mini'], maxCompletionPrice: 3 },
  },
});
// Prices are those that came with the package, until `await pipeline.models()` has brought those of today.

const { route } = await pipeline.generate({ prompt: 'Write a sentence.', maxTokens: 30, labels: { book: 'ada' } });
console.log(`${route?.chosen.model}: ${route?.reason}`);
for (const { model, estimatedUsd, leftOut } of route?.considered ?? [])
  console.log(`  ${model}: ${leftOut ?? `$${estimatedUsd}`}`);

const { dailyRequests } = await pipeline.key();
console.log(`${dailyRequests?.remaining} requests to free models are left today`);
await pipeline.dispose();
