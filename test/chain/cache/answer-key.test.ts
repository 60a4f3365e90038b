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

  it.each<[string, unknown, unknown]>([
    ['dates', new Date(0), new Date(1)],
    ['addresses', new URL('http://a.test/'), new URL('http://b.test/')],
    ['values that write themselves', { toJSON: () => 'a' }, { toJSON: () => 'b' }],
    ['null and nothing', null, undefined],
    ['null and a number', null, 0],
  ])('differs where requests differ in what is sent: %s', (_what, one, other) => {
    const [first, second] = [one, other].map((value) => answerKey(aRequest({ providerOptions: { fake: { value } } })));
    expect(first).not.toBe(second);
    expect(first).toBe(answerKey(aRequest({ providerOptions: { fake: { value: one } } })));
  });

  it('is equal where requests are sent alike', () => {
    const keys = [NaN, null].map((value) => answerKey(aRequest({ providerOptions: { fake: { value } } })));
    const left = [{ value: undefined }, {}].map((fake) => answerKey(aRequest({ providerOptions: { fake } })));
    expect({ nan: keys[0] === keys[1], left: left[0] === left[1] }).toEqual({ nan: true, left: true });
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
