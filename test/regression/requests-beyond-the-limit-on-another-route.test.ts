import { expect, it } from '@jest/globals';
import { aScene, failure } from '../support/scene.js';
import { refuses } from '../support/wire.js';

it('limits.maxRequests holds for all routes together', async () => {
  const { pipeline, server } = await aScene([refuses('503 Service Unavailable')], {
    config: {
      limits: { maxRequests: 3 },
      retry: { maxAttempts: 2 },
      routes: [{ model: 'b/model' }, { model: 'c/model' }],
    },
  });
  const { error, tries } = await failure(pipeline);
  expect({ code: error.code, tries: tries.length, requests: server.requests.length }).toEqual({
    code: 'retry-exhausted',
    tries: 3,
    requests: 3,
  });
});
