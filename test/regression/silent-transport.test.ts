import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { tokens } from '../../src/index.js';
import type { Transport } from '../../src/core/transport.js';
import { CANARY, failureOf, pipelineTo } from '../support/pipelines.js';
import { goodStream } from '../support/wire.js';

/** A transport that tells its monitor nothing. */
function silent(answer: () => Promise<string>): Transport {
  return {
    open: async () => {
      const text = await answer();
      return {
        status: 200,
        headers: new Headers({ 'content-type': 'text/event-stream' }),
        body: (async function* body() {
          yield await Promise.resolve(Buffer.from(text));
        })(),
      };
    },
  };
}

const over = (transport: Transport) =>
  pipelineTo(
    'http://127.0.0.1:9/api/v1',
    { rateLimit: { requestsPerMinute: 2 }, timeouts: { queueMs: 100 }, retry: { maxAttempts: 1 } },
    {
      register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
    },
  );

describe('over a transport that tells its monitor nothing', () => {
  it('a request that was answered counts against the limit, and for what it cost', async () => {
    const pipeline = await over(silent(() => Promise.resolve(goodStream('Hello.'))));
    await pipeline.generate({ prompt: 'One.' });
    await pipeline.generate({ prompt: 'Two.' });
    expect(await failureOf(pipeline.generate({ prompt: 'Three.' }))).toMatchObject({ code: 'timeout', timer: 'queue' });
    expect(pipeline.stats()).toMatchObject({ attemptsBySource: { reported: 2, unsent: 0 }, cost: { known: 0.0006 } });
    await pipeline.dispose();
  });

  it('a request that failed counts as sent', async () => {
    const pipeline = await over(silent(() => Promise.reject(new Error('broke'))));
    await failureOf(pipeline.generate({ prompt: 'One.' }));
    expect(pipeline.stats().attemptsBySource).toMatchObject({ unmeasured: 1, unsent: 0 });
    await pipeline.dispose();
  });

  it('a cause that shows the key is replaced by what may be said of it', async () => {
    const cause = Object.assign(new Error('request failed'), {
      config: { headers: { authorization: `Bearer ${CANARY}` } },
    });
    // Not everything that is thrown is an Error.
    const reasons: readonly Error[] = [cause, { deep: { er: CANARY } } as unknown as Error];
    for (const thrown of reasons) {
      const pipeline = await over(silent(() => Promise.reject(thrown)));
      const error = await failureOf(pipeline.generate({ prompt: 'One.' }));
      await pipeline.dispose();
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CANARY);
      expect(error.cause).toBeDefined();
    }
  });

  it('a cause that is harmless stays the very same', async () => {
    const cause = new TypeError('mine');
    const pipeline = await over(silent(() => Promise.reject(cause)));
    expect((await failureOf(pipeline.generate({ prompt: 'One.' }))).cause).toBe(cause);
    await pipeline.dispose();
  });
});
