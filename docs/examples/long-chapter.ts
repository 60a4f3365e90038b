// A long chapter that survives: a stream that breaks off is continued at the exact character, and an answer that the token
// cap has cut is continued until the chapter has its words.
import { createPipeline, InterruptedError } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

await using pipeline = await createPipeline({
  plugins: [openrouter()],
  config: { continuity: { onLength: 'continue', targetWords: 2_000 } },
});

let text = '';
try {
  await pipeline
    .stream({
      prompt: 'Write the first chapter of a biography of Ada Lovelace.',
      labels: { book: 'ada', chapter: '1' },
    })
    .forEach((event) => {
      switch (event.type) {
        case 'text-delta':
          text += event.delta;
          break;
        case 'continuation':
          console.log(`segment ${event.segment} by ${event.model} (${event.reason})`);
          break;
        case 'restart':
          text = '';
          break; // only with continuity.onBreak: 'restart'
        case 'generation-end':
          console.log(
            `${event.finishReason.unified}: ${text.split(/\s+/).length} words, ${event.attempts?.length ?? 0} attempts`,
          );
          break;
        default:
      }
    });
} catch (error) {
  if (!(error instanceof InterruptedError)) throw error;
  // Nothing that was paid for is lost: keep it, and mark the chapter as not whole.
  console.log(`broken off after ${error.partial.text.length} characters: ${error.message}`);
}
