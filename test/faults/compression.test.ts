import { brotliCompressSync, constants, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { aScene, failure, interruption, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, data, delta, DONE, finish, goodStream, head } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const THOUGHT = data({ choices: [{ index: 0, delta: { reasoning: 'Hm.' } }] });
const headOf = (coding: string): string =>
  head('200 OK', ['content-type: text/event-stream', 'transfer-encoding: chunked', `content-encoding: ${coding}`]);
const framed = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const WHOLE = Buffer.from(goodStream('Once ', 'upon'));
const END = '0\r\n\r\n';
const sending = (coding: string, bytes: Buffer): readonly Step[] => [
  { request: true },
  { write: headOf(coding) },
  { write: framed(bytes) },
  { write: END },
];

/** Each piece compressed and pushed out by itself. */
async function flushed(...pieces: readonly string[]): Promise<readonly Buffer[]> {
  const gzip = createGzip();
  const out: Buffer[] = [];
  const result: Buffer[] = [];
  gzip.on('data', (bytes: Buffer) => out.push(bytes));
  for (const piece of pieces) {
    gzip.write(piece);
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
    result.push(Buffer.concat(out.splice(0)));
  }
  await new Promise<void>((resolve) => gzip.end(resolve));
  return [...result, Buffer.concat(out)];
}

describe('a compressed answer', () => {
  it('54: flows as its events are flushed', async () => {
    const parts = await flushed(delta('Once '), delta('upon '), finish() + DONE);
    const script = [
      { request: true } as const,
      { write: headOf('gzip') },
      // The server writes on only when what it has written has been read.
      ...parts.flatMap((part, index) => [{ when: () => texts.length === index }, { write: framed(part) }]),
      { write: END },
    ];
    const { pipeline } = await aScene([script]);
    const texts: string[] = [];
    await pipeline.text({ prompt: 'Begin.' }).forEach((text) => void texts.push(text));
    expect(texts).toEqual(['Once ', 'upon ']);
  });

  it('55: that is not flushed comes whole at its end, and no timer of the stream has anything against it', async () => {
    const bytes = gzipSync(goodStream(...Array.from({ length: 50 }, (_, index) => `word ${index} `)));
    const pieces = [0, 1, 2, 3].map((part) =>
      bytes.subarray(Math.floor((part * bytes.length) / 4), Math.floor(((part + 1) * bytes.length) / 4)),
    );
    const script = [
      { request: true } as const,
      { write: headOf('gzip') },
      ...pieces.flatMap((part) => [{ write: framed(part) }, { wait: 30 }]),
      { write: END },
    ];
    const { pipeline, server } = await aScene([script], {
      config: { timeouts: { firstTokenMs: 500, idleMs: 300, contentIdleMs: 300 }, retry: { maxAttempts: 1 } },
    });
    expect((await success(pipeline)).text).toContain('word 49');
    expect(server.requests[0]!.toLowerCase()).toContain('accept-encoding: identity');
  });

  it.each([
    ['gzip', gzipSync(WHOLE)],
    ['x-gzip', gzipSync(WHOLE)],
    ['GZIP', gzipSync(WHOLE)],
    ['deflate', deflateSync(WHOLE)],
    ['deflate', deflateRawSync(WHOLE)],
    ['br', brotliCompressSync(WHOLE)],
    ['identity', WHOLE],
  ])('58: as %s is read', async (coding, bytes) => {
    const { pipeline } = await aScene([sending(coding, bytes)]);
    expect(await success(pipeline)).toMatchObject({ text: 'Once upon', tries: ['ok'] });
  });

  it.each(['zstd', 'compress', 'gzip, gzip', 'br, gzip', 'identity, gzip', 'gzip;q=1'])(
    '58: as "%s" is a protocol error that names it',
    async (coding) => {
      const { server, pipeline } = await aScene([sending(coding, gzipSync(gzipSync(goodStream('One.')))), GOOD]);
      const { error, tries } = await failure(pipeline);
      expect(error).toMatchObject({ code: 'protocol', retryable: false });
      expect(error.message).toContain(`"${coding}"`);
      expect({ tries, requests: server.requests.length }).toEqual({ tries: ['protocol'], requests: 1 });
    },
  );

  it('58: an error in an unknown coding is still an error of its status', async () => {
    const unreadable: readonly Step[] = [
      { request: true },
      { write: head('503 Service Unavailable', ['content-encoding: zstd', 'content-length: 4']) },
      { write: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
    ];
    const { pipeline } = await aScene([unreadable, GOOD]);
    expect((await success(pipeline)).tries).toEqual(['overloaded', 'ok']);
  });
});

describe('a compressed answer that ends too early', () => {
  const cut = (body: string, compress: (bytes: Buffer) => Buffer = (bytes) => gzipSync(bytes)): Buffer => {
    const bytes = compress(Buffer.from(body));
    return bytes.subarray(0, bytes.length - 9);
  };

  it.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['deflate', (bytes: Buffer) => deflateSync(bytes)],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes)],
  ] as const)('56: (%s) before any text is tried again', async (coding, compress) => {
    const { server, pipeline } = await aScene([sending(coding, cut(THOUGHT + THOUGHT, compress)), GOOD]);
    const { text, tries } = await success(pipeline);
    expect({ text, tries: tries.length, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: 2,
      requests: 2,
    });
    expect(['truncated', 'empty-answer', 'protocol']).toContain(tries[0]);
  });

  it('56: after some text is an interruption, though the body has ended properly, and is resumed', async () => {
    const parts = await flushed(delta('Once '), delta('upon '));
    const script: readonly Step[] = [
      { request: true },
      { write: headOf('gzip') },
      { write: framed(Buffer.concat(parts.slice(0, 2))) },
      { write: END },
    ];
    const { pipeline } = await aScene([script]);
    expect(await interruption(pipeline)).toMatchObject({ text: 'Once upon ', tries: ['truncated'] });
    await resumption({ script, before: 'Once upon ', code: 'truncated' });
  });
});

describe('a compressed answer that is damaged', () => {
  const damaged = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(200, 0xff)]);

  it('57: before any text is a protocol error and is tried again', async () => {
    const [first] = await flushed(THOUGHT);
    const { pipeline } = await aScene([sending('gzip', damaged(first!)), GOOD]);
    expect(await success(pipeline)).toMatchObject({ text: 'Once upon a time.', tries: ['protocol', 'ok'] });
  });

  it.each(['gzip', 'br', 'deflate'])(
    '57: that is no %s at all is a protocol error and is tried again',
    async (coding) => {
      const { pipeline } = await aScene([sending(coding, Buffer.from(goodStream('One.'))), GOOD]);
      expect(await success(pipeline)).toMatchObject({ text: 'Once upon a time.', tries: ['protocol', 'ok'] });
    },
  );

  it('57: after some text is an interruption, and is resumed', async () => {
    const [first] = await flushed(delta('Once '));
    const script: readonly Step[] = [
      { request: true },
      { write: headOf('gzip') },
      { write: framed(first!) },
      { wait: 20 },
      { write: framed(Buffer.alloc(200, 0xff)) },
      { stall: true },
    ];
    const { pipeline } = await aScene([script]);
    const { text, cause } = await interruption(pipeline);
    expect({ text, cause: cause?.code }).toEqual({ text: 'Once ', cause: 'protocol' });
    await resumption({ script, before: 'Once ', code: 'protocol' });
  });
});
