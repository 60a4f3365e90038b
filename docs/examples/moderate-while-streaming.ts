// An interceptor that looks at the text while it streams, and stops it at the first forbidden word.
import { createContainer, createPipeline, GenerationError, inject, injectable, readText } from 'scriptorium';
import type { GenerationRequest, Handler, InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';

/** The application's own service, in the application's own container. */
class WordList {
  constructor(private readonly forbidden: readonly string[]) {}

  firstIn(text: string): string | undefined {
    return this.forbidden.find((word) => text.includes(word));
  }
}

/** A class: the pipeline's container constructs it, and its dependencies come by token. */
@injectable()
class Moderation implements InterceptorDefinition {
  readonly name = 'moderation';
  readonly phase = 'prepare';

  constructor(@inject(WordList) private readonly words: WordList) {}

  intercept(request: GenerationRequest, next: Handler): ReturnType<Handler> {
    return next(request).pipe(
      readText(request, () => {
        let tail = '';
        return (piece) => {
          // A word may be split over two pieces, so a little of the last one is looked at again.
          const found = this.words.firstIn(tail + piece);
          if (found !== undefined)
            throw new GenerationError('content-filter', `The text uses the word "${found}", which is not allowed.`);
          tail = (tail + piece).slice(-40);
        };
      }),
    );
  }
}

const container = createContainer();
container.registerInstance(WordList, new WordList([' the ']));
const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [Moderation], container });

try {
  await pipeline.generate({ prompt: 'Write a paragraph about the sea.' });
  console.log('nothing to object to');
} catch (error) {
  if (!GenerationError.is(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
  console.log(`kept: ${error.partial?.text.length ?? 0} characters`);
}

await pipeline.dispose();
