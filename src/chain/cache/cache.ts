import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { defer, from, tap } from 'rxjs';
import { isCommitPoint, isContent } from '../../core/events.js';
import type { ContentEvent, GenerationEnd, GenerationEvent } from '../../core/events.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { CacheStore } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { CacheSettings } from '../../core/settings.js';

/**
 * Answers a request that has been answered before with the same content, at no cost. Off by default. Only whole answers
 * are kept, and answers that chance has a part in (`temperature` above 0) only if that is asked for.
 */
export function cache(settings: CacheSettings, store: CacheStore): InterceptorDefinition {
  return {
    name: 'cache',
    phase: 'cache',
    intercept: (request, next) => {
      const isExact = request.temperature === 0 || settings.sampled;
      if (!settings.enabled || !isExact) return next(request);
      return defer(() => {
        const key = cacheKey(request);
        const known = store.get(key);
        if (known !== undefined) return from(known);
        const content: ContentEvent[] = [];
        return next(request).pipe(
          tap((event) => {
            if (isContent(event)) content.push(event);
            else if (event.type === 'restart' || (event.type === 'attempt-start' && !content.some(isCommitPoint)))
              content.length = 0;
            else if (event.type === 'generation-end' && isWhole(event))
              store.set(key, [...content, { ...event, servedFrom: 'cache' }]);
          }),
        );
      });
    },
  };
}

function isWhole({ finishReason, servedFrom }: GenerationEnd): boolean {
  return finishReason.unified === 'stop' && servedFrom === 'provider';
}

/** Everything that the answer depends on. The provider's id stands for the account. */
function cacheKey(request: GenerationRequest): string {
  const {
    id: _id,
    labels: _labels,
    overrides: _overrides,
    deadlineMs: _deadlineMs,
    signal: _signal,
    context: _context,
    state: _state,
    wire: _wire,
    providerOptions,
    ...asked
  } = request;
  return createHash('sha256')
    .update(JSON.stringify(sorted({ ...asked, providerOptions: providerOptions[request.provider] })))
    .digest('base64url');
}

/** The same value with the keys of its objects in order, so that equal requests have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** Keeps the answers that were last used. */
export function memoryCacheStore(maxEntries: number): CacheStore {
  const answers = new LRUCache<string, readonly GenerationEvent[]>({ max: maxEntries });
  return { get: (key) => answers.get(key), set: (key, events) => void answers.set(key, events) };
}
