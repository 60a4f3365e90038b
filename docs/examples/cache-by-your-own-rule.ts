// An interceptor that answers from a cache of its own: here, whatever is asked with temperature 0.
import { createPipeline } from 'scriptorium';
import type { GenerationEvent, InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { defer, from, tap } from 'rxjs';

const cached = new Map<string, readonly GenerationEvent[]>();

const cacheExactAnswers: InterceptorDefinition = {
  name: 'exact-answers',
  phase: 'cache', // outside retry and rate limit: an answer from here costs neither
  intercept: (request, next) => {
    if (request.temperature !== 0) return next(request);
    const key = JSON.stringify([request.provider, request.model, request.messages, request.maxTokens]);
    return defer(() => {
      const known = cached.get(key);
      if (known !== undefined) return from(known);
      const events: GenerationEvent[] = [];
      return next(request).pipe(
        tap((event) => {
          if (event.type === 'text-delta') events.push(event);
          // Only a whole answer is kept; what broke off never reaches its end.
          if (event.type === 'generation-end' && event.finishReason.unified === 'stop')
            cached.set(key, [...events, { ...event, servedFrom: 'cache' }]);
        }),
      );
    });
  },
};

const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [cacheExactAnswers] });
const input = { prompt: 'Name the ship.', temperature: 0 };
const first = await pipeline.generate(input);
const second = await pipeline.generate(input);
console.log(
  `first from ${first.servedFrom}, then from ${second.servedFrom}; the same text: ${String(first.text === second.text)}`,
);
console.log(`real requests: ${pipeline.stats().attempts}, paid for the second: ${second.cost.known}`);

await pipeline.dispose();
