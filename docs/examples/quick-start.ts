import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({ plugins: [openrouter()] }); // takes the key from OPENROUTER_API_KEY

// The whole answer.
const { text, usage, cost, attempts } = await pipeline.generate({
  system: 'You write biographies.',
  prompt: 'Write the opening of a biography of Ada Lovelace.',
  labels: { book: 'ada', chapter: '1' },
});
console.log(`${text}\n${usage.outputTokens} tokens, $${cost.known}, ${attempts.length} attempt(s)`);

// The same as a stream. Cold: subscribing makes the call, unsubscribing cancels it and closes the socket.
await pipeline.text({ prompt: 'Write the next chapter.' }).forEach((piece) => process.stdout.write(piece));

console.log(pipeline.stats().successRate); // requests, tokens, cost, percentiles …
await pipeline.dispose();
