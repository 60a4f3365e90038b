// An interceptor that limits how many words an answer may have, as a plugin, and the proof that it keeps its contract.
import { createPipeline, GenerationError, readText } from 'scriptorium';
import { definePlugin, whole } from 'scriptorium/plugin';
import type { InterceptorDefinition, Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { INTERCEPTOR_PROMISES } from 'scriptorium/testing';

// 1. The interceptor.

const wordLimit = (maxWords: number): InterceptorDefinition => ({
  name: 'word-limit',
  phase: 'prepare', // outside retry: an answer that is too long is not asked for again
  intercept: (request, next) => {
    // The limit goes into a copy: the request itself is shared, and frozen.
    const limited = {
      ...request,
      messages: [...request.messages, { role: 'system', content: `At most ${maxWords} words.` }] as const,
    };
    return next(limited).pipe(
      // What one text keeps begins inside: it starts anew for each subscription, and after a restart.
      readText(request, () => {
        let text = '';
        return (piece) => {
          text += piece;
          const words = text.split(/\s+/u).filter((word) => word !== '').length;
          // Failing unsubscribes from next, which closes the socket: nothing more is paid for.
          if (words > maxWords)
            throw new GenerationError('content-filter', `The answer has more than ${maxWords} words.`);
        };
      }),
    );
  },
});

// 2. The plugin.

const wordLimits = (options: { readonly maxWords?: number } = {}): Plugin =>
  definePlugin({
    name: 'word-limit',
    apiVersion: 1,
    config: { maxWords: { doc: 'Most words of an answer', format: whole(1), default: 500 } },
    options,
    setup: (host) => host.addInterceptor(wordLimit(host.config.maxWords)),
  });

// 3. The proof. In a test runner: describeInterceptor('word-limit', () => wordLimit(500)).

for (const [promise, check] of Object.entries(INTERCEPTOR_PROMISES)) {
  await check(() => wordLimit(500));
  console.log(`word-limit ${promise}`);
}

const pipeline = await createPipeline({ plugins: [openrouter(), wordLimits({ maxWords: 5 })] });
const error = await pipeline.generate({ prompt: 'Write a page about the sea.' }).catch((reason: unknown) => reason);
console.log(GenerationError.is(error) ? `${error.code}: ${error.message}` : 'short enough');
await pipeline.dispose();
