import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, chunk, delta, DONE, finish, head, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const MEGABYTE = 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(64 * MEGABYTE, 'x'), { level: 9 });
/** One byte more is announced than comes, so that the answer is still under way. */
const gzipped = (status: string, type: string): readonly Step[] => [
  { request: true },
  { write: head(status, [`content-type: ${type}`, 'content-encoding: gzip', `content-length: ${BOMB.length + 1}`]) },
  { write: BOMB },
  { stall: true },
];

describe('more than any answer', () => {
  it.each([
    ['35', 'an answer that inflates to 64 MB', gzipped('200 OK', 'application/json')],
    ['35', 'a stream that inflates to 64 MB', gzipped('200 OK', 'text/event-stream')],
    [
      '35',
      'an answer without end',
      [
        { request: true },
        { write: head('200 OK', ['content-type: application/json']) },
        { flood: 'x'.repeat(MEGABYTE) },
      ],
    ],
    [
      '71',
      'a line without end',
      [
        { request: true },
        { write: `${head('200 OK', ['content-type: text/event-stream'])}data: ` },
        { flood: 'x'.repeat(MEGABYTE) },
      ],
    ],
  ] as const)(
    '%s: %s is given up at 16 MB: the connection is closed and nothing tried again',
    async (_, __, script) => {
      const { server, pipeline } = await aScene([script, GOOD]);
      const { error, tries } = await failure(pipeline);
      expect({ code: error.code, retryable: error.retryable, tries, requests: server.requests.length }).toEqual({
        code: 'buffer-limit',
        retryable: false,
        tries: ['buffer-limit'],
        requests: 1,
      });
      expect(error.message.length).toBeLessThan(200);
      await eventually(() => server.openSockets() === 0);
    },
  );

  it('35: an error body that inflates to 64 MB is read up to its cap, and the failure is that of its status', async () => {
    const { server, pipeline } = await aScene([gzipped('503 Service Unavailable', 'application/json'), GOOD]);
    const { tries, end } = await success(pipeline);
    expect({ tries, status: end.attempts?.[0]?.status }).toEqual({ tries: ['overloaded', 'ok'], status: 503 });
    await eventually(() => server.closes.length === 1);
  });

  it('70: one event of 8 MB is an answer like any other', async () => {
    const text = 'The sea. '.repeat((8 * MEGABYTE) / 9);
    const { pipeline } = await aScene([
      [
        { request: true },
        { write: SSE_HEAD },
        { write: chunk(delta(text)) },
        { write: `${chunk(finish() + DONE)}0\r\n\r\n` },
      ],
    ]);
    const course = await success(pipeline);
    expect(course.text === text).toBe(true);
  });

  it('70: an event of 8 MB that comes in thousands of pieces is an answer, too', async () => {
    const text = 'The sea. '.repeat((8 * MEGABYTE) / 9);
    const body = delta(text) + finish() + DONE;
    const { pipeline } = await aScene([
      [
        { request: true },
        { write: head('200 OK', ['content-type: text/event-stream']) },
        { slices: body, size: 4_096 },
        { fin: true },
      ],
    ]);
    const course = await success(pipeline);
    expect(course.text === text).toBe(true);
  });
});
