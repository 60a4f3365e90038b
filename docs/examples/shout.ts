import { createPipeline } from 'scriptorium';
import type { InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { map } from 'rxjs';

const shout: InterceptorDefinition = {
  name: 'shout',
  phase: 'observe',
  intercept: (request, next) =>
    next(request).pipe(
      map((event) => (event.type === 'text-delta' ? { ...event, delta: event.delta.toUpperCase() } : event)),
    ),
};

const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [shout] });
console.log((await pipeline.generate({ prompt: 'Name the ship.', maxTokens: 20 })).text);
await pipeline.dispose();
