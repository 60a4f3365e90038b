import { concatMap, of } from 'rxjs';
import { WARNING } from '../core/events.js';
import type { InterceptorDefinition } from '../core/interceptor.js';

/** Says in the log that a text was cut at its cap, where the text itself cannot. */
export const warnOfCut: InterceptorDefinition = {
  name: 'warn-of-cut',
  phase: 'prepare',
  intercept: (request, next) =>
    next(request).pipe(
      concatMap((event) => {
        const isCut = event.type === 'generation-end' && event.finishReason.unified === 'length';
        return isCut ? of({ type: 'custom', name: WARNING, payload: `the text was cut at its cap of ${String(request.maxTokens)} tokens` } as const, event) : of(event);
      }),
    ),
};
