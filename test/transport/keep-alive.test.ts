import { describe, expect, it } from '@jest/globals';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import {
  answers,
  chunk,
  chunked,
  data,
  delta,
  goodStream,
  head,
  LAST_CHUNK,
  refuses,
  SSE_HEAD,
  whole,
} from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const respond = (...steps: readonly Step[]): readonly Step[] => [{ request: true }, ...steps];
const COMPLETION = { choices: [{ index: 0, message: { content: 'All at once.' }, finish_reason: 'stop' }] };

describe('the socket of an answer that has been read to its end', () => {
  it.each([
    ['a stream', GOOD],
    [
      'a stream whose last chunk comes a little after [DONE]',
      respond({ write: SSE_HEAD + chunk(goodStream('One.')) }, { wait: 5 }, { write: LAST_CHUNK }),
    ],
    ['a stream with a length', respond({ write: whole(goodStream('One.'), ['content-type: text/event-stream']) })],
    ['a stream without [DONE]', respond({ write: chunked(goodStream('One.').replace('data: [DONE]\n\n', '')) })],
    ['a JSON answer', respond({ write: whole(JSON.stringify(COMPLETION)) })],
  ])('serves the next calls as well after %s', async (_, script) => {
    const { server, pipeline, clock } = await aScene([script], { clock: CountingClock.still() });
    for (let call = 0; call < 4; call += 1) {
      await success(pipeline);
      // A timer runs until the body has been read to its end; the socket is free a moment later.
      await eventually(() => clock.pending === 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect({ requests: server.requests.length, connections: server.connections }).toEqual({
      requests: 4,
      connections: 1,
    });
  });

  it('serves a call that follows at once', async () => {
    const { server, pipeline } = await aScene([GOOD]);
    for (let call = 0; call < 5; call += 1) await pipeline.generate({ prompt: 'Begin.' });
    expect({ requests: server.requests.length, connections: server.connections }).toEqual({
      requests: 5,
      connections: 1,
    });
  });

  it.each(['401 Unauthorized', '400 Bad Request', '402 Payment Required'])(
    'serves the next call as well after the body of a %s',
    async (status) => {
      const { server, pipeline } = await aScene([refuses(status), GOOD]);
      await failure(pipeline);
      expect((await success(pipeline)).text).toBe('Once upon a time.');
      expect({ requests: server.requests.length, connections: server.connections }).toEqual({
        requests: 2,
        connections: 1,
      });
    },
  );

  it('serves the retries of a call', async () => {
    const { server, pipeline } = await aScene([
      refuses('503 Service Unavailable'),
      refuses('500 Internal Server Error'),
      GOOD,
    ]);
    expect((await success(pipeline)).tries).toEqual(['overloaded', 'server-error', 'ok']);
    expect({ requests: server.requests.length, connections: server.connections }).toEqual({
      requests: 3,
      connections: 1,
    });
  });

  it('is not shared by calls that run at the same time', async () => {
    const { server, pipeline } = await aScene([
      respond(
        { write: SSE_HEAD + chunk(delta('One.')) },
        { wait: 30 },
        { write: chunk(goodStream(' Two.')) + LAST_CHUNK },
      ),
    ]);
    const courses = await Promise.all([1, 2, 3].map(() => success(pipeline)));
    expect(courses.map(({ text }) => text)).toEqual(Array(3).fill('One. Two.'));
    expect(server.connections).toBe(3);
  });
});

describe('the socket of an answer that is not over', () => {
  it.each([
    ['says more after [DONE]', [{ wait: 10 }, { write: chunk(data({ late: true })) }, { stall: true }]],
    ['stays open for a second after [DONE]', [{ stall: true }]],
    ['breaks after [DONE]', [{ wait: 10 }, { rst: true }]],
  ] as const)('is closed when the server %s; the answer is whole all the same', async (_, after) => {
    const { server, pipeline } = await aScene([
      respond({ write: SSE_HEAD + chunk(goodStream('One.')) }, ...after),
      GOOD,
    ]);
    expect((await success(pipeline)).text).toBe('One.');
    await eventually(() => server.closes.length === 1);
    expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(server.connections).toBe(2);
  });

  it('does not hold up the next call', async () => {
    const { server, pipeline } = await aScene(
      [respond({ write: SSE_HEAD + chunk(goodStream('One.')) }, { stall: true }), GOOD],
      // The second for which the first connection is watched never ends.
      { clock: CountingClock.still() },
    );
    await success(pipeline);
    expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(server.connections).toBe(2);
  });

  it('is closed when the server sends a redirect', async () => {
    const { server, pipeline } = await aScene([
      respond({ write: head('302 Found', ['location: /', 'content-length: 10']) }, { stall: true }),
    ]);
    await failure(pipeline);
    await eventually(() => server.openSockets() === 0);
  });
});
