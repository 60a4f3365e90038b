import { expect, it } from '@jest/globals';
import { aScene, failure } from '../support/scene.js';
import { answers, refuses } from '../support/wire.js';

it("a vendor's own error number is not taken for a status: a 401 with the code 20015 is not tried again", async () => {
  const { server, pipeline } = await aScene([
    refuses('401 Unauthorized', { error: { code: 20015, message: 'no such key' } }),
    answers('Once.'),
  ]);
  const { error } = await failure(pipeline);
  expect({ code: error.code, status: error.status, requests: server.requests.length }).toEqual({
    code: 'authentication',
    status: 401,
    requests: 1,
  });
});
