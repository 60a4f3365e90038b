import { LRUCache } from 'lru-cache';
import { concat, defer, from, mergeMap, of } from 'rxjs';
import type { Observable } from 'rxjs';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import { keepWhole } from '../../core/keep-whole.js';
import type { CacheStore } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { CacheSettings } from '../../core/settings.js';
import { isPromise } from '../../core/util/maybe-promise.js';
import { answerKey } from './answer-key.js';

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
        const key = answerKey(request);
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
  return next(request).pipe(keepWhole(request, (events) => store.set(key, events)));
}

const WITHOUT_KEY: GenerationEvent = {
  type: 'warning',
  about: 'cache',
  message: 'The request cannot be written as JSON, so the cache was not asked and keeps no answer.',
};

/** Keeps the answers that were last used. */
export function memoryCacheStore(maxEntries: number): CacheStore {
  const answers = new LRUCache<string, readonly GenerationEvent[]>({ max: maxEntries });
  return { get: (key) => answers.get(key), set: (key, events) => void answers.set(key, events) };
}
