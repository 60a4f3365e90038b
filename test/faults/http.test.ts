import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { aScene, failure, interruption, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { over } from '../support/transports.js';
import { answers, chunk, chunked, data, delta, DONE, finish, goodStream, head, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const TYPE = 'content-type: text/event-stream';
const THOUGHT = data({ choices: [{ index: 0, delta: { reasoning: 'Hm.' } }] });
const answering = (...steps: readonly Step[]): readonly Step[] => [{ request: true }, ...steps];

describe('what is no proper HTTP', () => {
  it('12: headers of more than 16 KB are a protocol error that is not tried again', async () => {
    const { server, pipeline } = await aScene([
      answering({ write: head('200 OK', [TYPE, `x-padding: ${'x'.repeat(20_000)}`]) }, { stall: true }),
      GOOD,
    ]);
    const { error, tries } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'protocol', retryable: false });
    expect(error.message).toContain('HPE_HEADER_OVERFLOW');
    expect({ tries, requests: server.requests.length }).toEqual({ tries: ['protocol'], requests: 1 });
    await eventually(() => server.openSockets() === 0);
  });

  it.each(['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/9.9 two hundred\r\n\r\n', '\0\x01\x02\x03'])(
    '13: a garbage status line (%j) is tried again once',
    async (line) => {
      const { server, pipeline } = await aScene([answering({ write: line }, { stall: true })]);
      const { error, tries } = await failure(pipeline);
      expect(error).toMatchObject({ code: 'protocol', retryLimit: 1 });
      expect({ tries, requests: server.requests.length }).toEqual({ tries: ['protocol', 'protocol'], requests: 2 });
    },
  );

  it('13: a garbage status line that was an accident costs one retry', async () => {
    const { pipeline } = await aScene([answering({ write: 'garbage\r\n\r\n' }, { stall: true }), GOOD]);
    expect(await success(pipeline)).toMatchObject({ text: 'Once upon a time.', tries: ['protocol', 'ok'] });
  });
});

describe('what is proper HTTP, if rare', () => {
  it('14: a "100 Continue" that nobody asked for is passed over by node-fetch; to undici it is a breach of the protocol, and is tried again', async () => {
    const { pipeline } = await aScene([
      answering({ write: head('100 Continue', []) }, { wait: 5 }, { write: chunked(goodStream('One.')) }),
      GOOD,
    ]);
    const truths = {
      'node-fetch': { text: 'One.', tries: ['ok'] },
      undici: { text: 'Once upon a time.', tries: ['protocol', 'ok'] },
    };
    expect(await success(pipeline)).toMatchObject(over(truths));
  });

  it.each(['102 Processing', '103 Early Hints'])('14: a "%s" before the answer is passed over', async (status) => {
    const { pipeline } = await aScene([
      answering({ write: head(status, ['link: </style.css>']) }, { wait: 5 }, { write: chunked(goodStream('One.')) }),
    ]);
    expect(await success(pipeline)).toMatchObject({ text: 'One.', tries: ['ok'] });
  });

  it.each([
    ['a switch to another protocol', head('101 Switching Protocols', ['connection: upgrade', 'upgrade: h2c']), 'stall'],
    ['a 101 without headers', head('101 Switching Protocols', []), 'stall'],
    ['a 103 and the end of the connection', head('103 Early Hints', []), 'fin'],
  ])(
    '14: %s in place of an answer is an answer that makes no sense, and is tried again once',
    async (_, lines, then) => {
      const { server, pipeline } = await aScene([
        answering({ write: lines }, then === 'fin' ? { fin: true } : { stall: true }),
      ]);
      const { error, tries } = await failure(pipeline);
      expect(error).toMatchObject({ code: 'malformed-answer', retryLimit: 1 });
      expect({ tries, requests: server.requests.length }).toEqual({
        tries: ['malformed-answer', 'malformed-answer'],
        requests: 2,
      });
      await eventually(() => server.openSockets() === 0);
    },
  );

  it('52: trailers after the last chunk are passed over, and the connection serves again', async () => {
    const { server, pipeline } = await aScene([
      answering({ write: `${SSE_HEAD}${chunk(goodStream('One.'))}0\r\nx-checksum: 7\r\nx-more: 8\r\n\r\n` }),
      GOOD,
    ]);
    expect(await success(pipeline)).toMatchObject({ text: 'One.', tries: ['ok'] });
    expect(await success(pipeline)).toMatchObject({ text: 'Once upon a time.', tries: ['ok'] });
    expect(server.connections).toBe(1);
  });

  it.each([
    ['in one segment', [{ write: `${chunked(goodStream('One.'))}HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc` }]],
    [
      'a little later',
      [{ write: chunked(goodStream('One.')) }, { wait: 10 }, { write: 'more, that nobody asked for\r\n\r\n' }],
    ],
  ] as const)(
    '53: bytes after the answer are passed over, and the next request gets a connection of its own (%s)',
    async (_, steps) => {
      const { server, pipeline } = await aScene([answering(...steps, { stall: true }), GOOD]);
      expect(await success(pipeline)).toMatchObject({ text: 'One.', tries: ['ok'] });
      await eventually(() => server.closes.length === 1);
      expect(await success(pipeline)).toMatchObject({ text: 'Once upon a time.', tries: ['ok'] });
      expect(server.connections).toBe(2);
    },
  );
});

describe('a length that is wrong', () => {
  const tooShort = (body: string): readonly Step[] =>
    answering(
      { write: head('200 OK', [TYPE, `content-length: ${Buffer.byteLength(body) - 20}`]) + body },
      { wait: 15 },
      { fin: true },
    );
  const badChunk = (body: string): readonly Step[] =>
    answering({ write: `${SSE_HEAD}${chunk(body)}zz\r\nnonsense\r\n` }, { wait: 15 }, { fin: true });

  it.each([
    ['50', 'a Content-Length smaller than the body', tooShort(THOUGHT + THOUGHT)],
    ['51', 'a chunk size that is no number', badChunk(THOUGHT)],
  ])('%s: %s before any text is no success and is tried again', async (_, __, script) => {
    const { server, pipeline } = await aScene([script, GOOD]);
    const { text, tries } = await success(pipeline);
    expect({ text, last: tries.at(-1), count: tries.length, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      last: 'ok',
      count: 2,
      requests: 2,
    });
    expect(['truncated', 'empty-answer', 'connection', 'protocol']).toContain(tries[0]);
  });

  it('50: a Content-Length that cuts the end of a text off is no success', async () => {
    const { pipeline } = await aScene([tooShort(goodStream('Once ', 'upon ', 'a time.').slice(0, -150))], {
      config: { retry: { maxAttempts: 1 } },
    });
    const { error } = await failure(pipeline);
    expect(['interrupted', 'truncated', 'empty-answer', 'connection', 'protocol']).toContain(error.code);
  });

  it('51: a chunk size that is no number after some text is an interruption, and is resumed', async () => {
    const script = answering(
      { write: SSE_HEAD + chunk(delta('Once ')) },
      { wait: 15 },
      { write: 'zz\r\nnonsense\r\n' },
      { wait: 15 },
      { fin: true },
    );
    const { pipeline } = await aScene([script]);
    const {
      text,
      tries: [code],
    } = await interruption(pipeline);
    expect(text).toBe('Once ');
    await resumption({ script, before: 'Once ', code: code! });
  });

  it('51: a chunk size that is no number after the end of the text harms nobody', async () => {
    const { pipeline } = await aScene([
      answering(
        { write: `${SSE_HEAD}${chunk(delta('One.') + finish() + DONE)}` },
        { wait: 10 },
        { write: 'zz\r\n' },
        { wait: 10 },
        { fin: true },
      ),
      GOOD,
    ]);
    expect(await success(pipeline)).toMatchObject({ text: 'One.', tries: ['ok'] });
  });
});
