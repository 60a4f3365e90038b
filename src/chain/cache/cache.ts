import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { concat, defer, from, mergeMap, of, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { isCommitPoint, isContent } from '../../core/events.js';
import type { ContentEvent, GenerationEnd, GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { CacheStore } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { CacheSettings } from '../../core/settings.js';
import { isPromise } from '../../core/util/maybe-promise.js';

/**
 * Answers a request that has been answered before with the same content, at no cost. Off by default; a request may switch
 * it on or off. Only whole answers are kept, and sampled answers (`temperature` above 0) only if `sampled` is set.
 */
export function cache(settings: CacheSettings, store: CacheStore): InterceptorDefinition {
  return {
    name: 'cache',
    phase: 'cache',
    intercept: (request, next) => {
      const { enabled, sampled } = { ...settings, ...request.overrides.cache };
      const isExact = request.temperature === 0 || sampled;
      if (!enabled || !isExact) return next(request);
      return defer(() => {
        const key = cacheKey(request);
        if (key === undefined) return concat(of(WITHOUT_KEY), next(request));
        const known = store.get(key);
        if (!isPromise(known)) return replayed(known) ?? kept(key, store, { request, next });
        return from(known).pipe(mergeMap((events) => replayed(events) ?? kept(key, store, { request, next })));
      });
    },
  };
}

/** The content of an earlier answer; undefined without one. */
function replayed(events: readonly GenerationEvent[] | undefined): Observable<GenerationEvent> | undefined {
  return events && from(events);
}

interface Inside {
  readonly request: GenerationRequest;
  readonly next: Handler;
}

/** Stores the answer once it is whole. Its end does not wait for the store. */
function kept(key: string, store: CacheStore, { request, next }: Inside): Observable<GenerationEvent> {
  const content: ContentEvent[] = [];
  let isStorable = true;
  return next(request).pipe(
    tap((event) => {
      // A replay has no events that void the given text.
      if (event.type === 'restart' && request.continueFrom !== undefined) isStorable = false;
      if (isContent(event)) content.push(event);
      else if (event.type === 'restart' || (event.type === 'attempt-start' && !content.some(isCommitPoint)))
        content.length = 0;
      else if (event.type === 'generation-end' && isStorable && isWhole(event))
        void store.set(key, [...content, { ...event, servedFrom: 'cache' }]);
    }),
  );
}

function isWhole({ finishReason, servedFrom }: GenerationEnd): boolean {
  return finishReason.unified === 'stop' && servedFrom === 'provider';
}

const WITHOUT_KEY: GenerationEvent = {
  type: 'warning',
  about: 'cache',
  message: 'The request cannot be written as JSON, so the cache was not asked and keeps no answer.',
};

/** Everything that the answer depends on. The provider's id stands for the account. Undefined if it is not JSON. */
function cacheKey(request: GenerationRequest): string | undefined {
  const {
    id: _id,
    labels: _labels,
    overrides: _overrides,
    deadlineMs: _deadlineMs,
    signal: _signal,
    context: _context,
    wire: _wire,
    providerOptions,
    ...asked
  } = request;
  try {
    return createHash('sha256')
      .update(JSON.stringify(sorted({ ...asked, providerOptions: providerOptions[request.provider] })))
      .digest('base64url');
  } catch {
    return undefined;
  }
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
