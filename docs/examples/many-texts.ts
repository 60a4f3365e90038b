// Many texts at once, in the order of their prompts, with progress and one budget over all of them.
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const pipeline = await createPipeline({ plugins: [openrouter()] });
const inputs = ['The harbour', 'The storm', 'The calm'].map((title) => ({
  prompt: `Write a paragraph: ${title}.`,
  maxTokens: 60,
}));

const results = pipeline.map(inputs, {
  concurrency: 2, // at most two calls at once
  budgetUsd: 5, // what does not fit any more fails with BudgetError
  onProgress: ({ done, failed, running, words }) => {
    if (running === 0) console.log(`done ${done}, failed ${failed}, ${words > 0 ? 'some' : 'no'} words`);
  },
});

for await (const { index, result, error } of results) {
  // One failure does not end the others. To stop at the first one, leave the loop: that cancels what runs.
  if (error !== undefined) console.log(`${index}: ${error.code}: ${error.message}`);
  else console.log(`${index}: ${result.text.length > 0 ? 'a text' : 'nothing'}, ${result.finishReason.unified}`);
}
await pipeline.dispose();
