// An interceptor that adds a header and a label to every request of one book.
import { createPipeline } from 'scriptorium';
import type { InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

const tagBook = (book: string): InterceptorDefinition => ({
  name: 'tag-book',
  phase: 'prepare',
  intercept: (request, next) =>
    next({
      ...request,
      headers: { ...request.headers, 'x-book': book },
      providerOptions: {
        ...request.providerOptions,
        openrouter: { ...request.providerOptions.openrouter, session_id: book },
      },
    }),
});

const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [tagBook('ada')] });
console.log(
  pipeline
    .describe()
    .map(({ phase, name }) => `${phase}/${name}`)
    .join(' '),
);

// Labels belong to the generation and are given with it, so that even a refused one is counted under them.
await pipeline.generate({ prompt: 'Write one sentence.', maxTokens: 30, labels: { book: 'ada' } });
console.log(`generations of ada: ${pipeline.stats().byLabel.book?.ada?.requests ?? 0}`);

await pipeline.dispose();
