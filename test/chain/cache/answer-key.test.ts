import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { answerKey } from 'scriptorium';
import { cache } from '../../../src/chain/cache/cache.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, TEXT, watch } from '../chain.js';

const NOT_JSON = { providerOptions: { fake: { count: 1n } } };

describe('answerKey', () => {
  it('is equal for requests that differ in what an answer does not depend on', () => {
    const key = answerKey(aRequest({ providerOptions: { fake: { a: 1, b: 2 } } }));
    const other = { id: 'another', labels: { book: 'ada' }, deadlineMs: 5, wire: 'json' } as const;
    expect(answerKey(aRequest({ ...other, providerOptions: { fake: { b: 2, a: 1 }, another: {} } }))).toBe(key);
  });

  it('differs with the text that is continued', () => {
    expect(answerKey(aRequest({ continueFrom: 'Call me' }))).not.toBe(answerKey(aRequest()));
  });

  it('is undefined for a request that cannot be written as JSON', () => {
    expect(answerKey(aRequest(NOT_JSON))).toBeUndefined();
  });

  it('lets the cache pass such a request on, with a warning', () => {
    const store = {
      get: () => {
        throw new Error('The store was asked.');
      },
      set: () => {
        throw new Error('The store was written to.');
      },
    };
    const interceptor = cache({ enabled: true, maxEntries: 1, sampled: true }, store);
    const run = watch(chain(() => of(TEXT, anEnd()), interceptor)(aRequest(NOT_JSON)));
    expect(run.events).toEqual([
      expect.objectContaining({
        type: 'warning',
        about: 'cache',
        message: expect.stringMatching(/cannot be written as JSON/),
      }),
      TEXT,
      anEnd(),
    ]);
  });
});
