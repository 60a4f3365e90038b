import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({ plugins: [openrouter()] }); // reads OPENROUTER_API_KEY
const { text, usage, cost, attempts } = await pipeline.generate({
  prompt: 'Write the opening of a biography of Ada Lovelace.',
  labels: { book: 'ada', chapter: '1' },
});
console.log(`${text}\n${usage.outputTokens} tokens, $${cost.known}, ${attempts.length} attempt(s)`);

// The same as a stream. Subscribing makes the call; unsubscribing cancels it and closes the socket.
await pipeline.text({ prompt: 'Write the next chapter.' }).forEach((piece) => process.stdout.write(piece));
await pipeline.dispose();
