import { tap } from 'rxjs';
import { GenerationError } from 'scriptorium/plugin';
import type { GenerationEvent, InterceptorDefinition } from 'scriptorium/plugin';
import type { Gates } from './gates.js';

/** Notes for how long the server, or a spent day, holds a route back: from what those who wait for it, or are refused, are told. */
export function watchRoutes(name: string, gates: Gates): InterceptorDefinition {
  return {
    name,
    phase: 'recover',
    intercept: (request, next) =>
      next(request).pipe(
        tap({
          next: (event: GenerationEvent) => {
            if (event.type === 'waiting' && event.for === 'quota') gates.note(request, event.untilMs);
          },
          error: (error: unknown) => {
            if (GenerationError.is(error) && (error.code === 'rate-limit' || error.code === 'quota')) gates.note(request, error.retryAt);
          },
        }),
      ),
  };
}
