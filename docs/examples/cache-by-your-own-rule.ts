// An interceptor that answers from a cache of its own: here, whatever is asked with temperature 0.
import { answerKey, createPipeline, keepWhole } from 'scriptorium';
import type { GenerationEvent, InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { defer, from } from 'rxjs';

const cached = new Map<string, readonly GenerationEvent[]>();

const cacheExactAnswers: InterceptorDefinition = {
  name: 'exact-answers',
  phase: 'cache', // outside retry and rate limit: an answer from here costs neither
  intercept: (request, next) => {
    const key = request.temperature === 0 ? answerKey(request) : undefined; // of everything that the answer depends on
    if (key === undefined) return next(request);
    return defer(() => {
      const known = cached.get(key);
      if (known !== undefined) return from(known);
      // Only a whole answer is kept, and of it only what stands at its end.
      return next(request).pipe(keepWhole(request, (events) => cached.set(key, events)));
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
