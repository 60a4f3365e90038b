import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { RetryExhaustedError, TimeoutError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import type { Step } from '../support/script-server.js';
import { aScene, failure, success } from '../support/scene.js';
import { answers, head } from '../support/wire.js';

const GOOD = answers('Once upon ', 'a time.');
const QUICK_HEADERS = { timeouts: { headersMs: 80 } };

interface Fault {
  readonly rows: string;
  readonly fault: string;
  readonly script: readonly Step[];
  readonly code: string;
  readonly config?: ConfigInput;
  /** Requests that the server read whole; a connection that is closed at once brings none. */
  readonly requests: number;
}

const BEFORE_THE_HEADERS: readonly Fault[] = [
  {
    rows: '6',
    fault: 'a connection that is closed as soon as it is open',
    script: [{ fin: true }],
    code: 'connection',
    requests: 1,
  },
  {
    rows: '6',
    fault: 'a connection that is closed after the request',
    script: [{ request: true }, { fin: true }],
    code: 'connection',
    requests: 2,
  },
  {
    rows: '7',
    fault: 'a connection that is reset as soon as it is open',
    script: [{ rst: true }],
    code: 'connection',
    requests: 1,
  },
  {
    rows: '7',
    fault: 'a connection that is reset after the request',
    script: [{ request: true }, { rst: true }],
    code: 'connection',
    requests: 2,
  },
  {
    rows: '10',
    fault: 'a peer that takes the request and is silent',
    script: [{ request: true }, { stall: true }],
    code: 'timeout',
    config: QUICK_HEADERS,
    requests: 2,
  },
  {
    rows: '11',
    fault: 'a status line that comes byte by byte for ever',
    code: 'timeout',
    config: QUICK_HEADERS,
    requests: 2,
    script: [
      { request: true },
      { slices: head('200 OK', [`x-padding: ${'x'.repeat(1_000)}`]), pauseMs: 10 },
      { stall: true },
    ],
  },
];

describe('before the headers', () => {
  it.each(BEFORE_THE_HEADERS)('$rows: $fault is tried again', async ({ script, code, config, requests }) => {
    const { server, pipeline } = await aScene([script, GOOD], config && { config });
    const { text, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once upon a time.', tries: [code, 'ok'] });
    expect({ connections: server.connections, requests: server.requests.length }).toEqual({ connections: 2, requests });
  });

  it.each(BEFORE_THE_HEADERS)('$rows: $fault, every time, exhausts the attempts', async ({ script, code, config }) => {
    const { server, pipeline } = await aScene([script], { config: { ...config, retry: { maxAttempts: 2 } } });
    const { error, cause, tries, text } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect({ causeCode: cause?.code, tries, text, connections: server.connections }).toEqual({
      causeCode: code,
      tries: [code, code],
      text: '',
      connections: 2,
    });
    expect(error.partial).toBeUndefined();
  });

  it.each(['10', '11'])('%s: the timer that ran out is the one for the headers', async (row) => {
    const { script } = BEFORE_THE_HEADERS.find(({ rows }) => rows === row)!;
    const { pipeline } = await aScene([script], { config: { ...QUICK_HEADERS, retry: { maxAttempts: 1 } } });
    const { error } = await failure(pipeline);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'timeout', timer: 'headers', retryable: true });
  });
});

describe('a refused connection', () => {
  it.each(['127.0.0.1', 'localhost'])(
    '1: is tried again once for nothing, and then as often as is allowed (%s)',
    async (host) => {
      const { pipeline } = await aScene([GOOD], {
        config: {
          retry: { maxAttempts: 3 },
          plugins: { openrouter: { baseUrl: `http://${host}:${await closedPort()}/api/v1` } },
        },
      });
      const { error, cause, tries, events } = await failure(pipeline);
      expect(error).toBeInstanceOf(RetryExhaustedError);
      expect({ code: cause?.code, neverSent: cause?.neverSent, tries }).toEqual({
        code: 'connection',
        neverSent: true,
        tries: ['connection', 'connection', 'connection', 'connection'],
      });
      const delays = events.filter((event) => event.type === 'retry-scheduled').map(({ delayMs }) => delayMs);
      expect(delays).toHaveLength(3);
      expect(delays[0]).toBe(0);
    },
  );
});

describe('a kept connection that went stale', () => {
  const STALE: readonly [string, readonly Step[]][] = [
    ['reset', [{ request: true }, { rst: true }]],
    ['closed', [{ request: true }, { fin: true }]],
  ];

  it.each(STALE)('9: is replaced once for nothing when it is %s', async (_, script) => {
    const { server, pipeline } = await aScene([GOOD, script, GOOD], { config: { retry: { maxAttempts: 1 } } });
    await success(pipeline);
    const { text, tries, events } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once upon a time.', tries: ['connection', 'ok'] });
    expect({ connections: server.connections, requests: server.requests.length }).toEqual({
      connections: 2,
      requests: 3,
    });
    expect(events.find(({ type }) => type === 'retry-scheduled')).toMatchObject({ delayMs: 0, reason: 'connection' });
  });

  it('9: is no excuse when it has already answered in part', async () => {
    const { server, pipeline } = await aScene(
      [GOOD, [{ request: true }, { write: 'HTTP/1.1 200' }, { wait: 10 }, { rst: true }]],
      { config: { retry: { maxAttempts: 1 } } },
    );
    await success(pipeline);
    const { error } = await failure(pipeline);
    expect({ code: error.code, neverSent: error.neverSent, requests: server.requests.length }).toEqual({
      code: 'connection',
      neverSent: undefined,
      requests: 2,
    });
  });
});

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
