import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RetryExhaustedError, TimeoutError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import { selfSigned } from '../support/certificate.js';
import { aScene, failure, success } from '../support/scene.js';
import { scriptServer } from '../support/script-server.js';
import { inWorld, streams } from '../support/simulated-scene.js';
import { simulatedWriter, stopped } from '../support/simulated-writer.js';
import { answers } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
/** A loopback address at which no other test has a server. */
const OWN_ADDRESS = '127.0.0.2';

const to = (baseUrl: string, config: ConfigInput = {}): { readonly config: ConfigInput } => ({
  config: { ...config, plugins: { openrouter: { baseUrl } } },
});

const closings: (() => unknown)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closings.splice(0)) await close();
});

describe('a refused connection', () => {
  it(
    '1: counts for the breaker: after enough in a row nobody knocks any more, and the first to be answered opens the door for all',
    inWorld(async (world) => {
      const host = world.host('gone.test', streams('Once upon a time.'));
      host.crash();
      const { process } = await simulatedWriter(world, [`${host.url}/api/v1`], {
        config: { breaker: { connectionFailures: 4, openMs: 60_000, longestOpenMs: 60_000 } },
      });
      const { pipeline } = process;
      const { tries, events } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 30_000 });
      expect(tries).toEqual(Array(4).fill('connection'));
      expect(events.at(-1)).toMatchObject({ type: 'waiting', for: 'breaker' });
      host.start();
      const later = await Promise.all([success(pipeline), success(pipeline), success(pipeline)]);
      expect(later.map(({ tries: all }) => all)).toEqual([['ok'], ['ok'], ['ok']]);
      expect(later[0].events[0]).toMatchObject({ type: 'waiting', for: 'breaker' });
      await stopped(world, process);
    }),
  );

  it('1: has the code "connection"', async () => {
    const gone = await scriptServer(GOOD);
    await gone.close();
    // An address of its own: the port may be given to the server of another test, on the usual one.
    const { pipeline } = await aScene([GOOD], to(gone.url.replace('127.0.0.1', OWN_ADDRESS)));
    expect((await failure(pipeline)).tries).toEqual(Array(5).fill('connection'));
  });
});

describe('a host name', () => {
  it('2: that nobody knows is looked up again once, and no more', async () => {
    const { pipeline } = await aScene([GOOD], to(`http://${'x'.repeat(64)}.test/api/v1`));
    const { error, tries } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'dns', retryable: true, retryLimit: 1 });
    expect(error.message).toContain('Cannot resolve the host name');
    expect(tries).toEqual(['dns', 'dns']);
  });

  it('2: that cannot be looked up just now is tried again, the first time for nothing', async () => {
    const scene = await aScene([GOOD]);
    const { pipeline } = await aScene([GOOD], to(`http://books.test:${scene.server.port}/api/v1`));
    const lookups = lookupFailing('EAI_AGAIN', 3);
    const { tries, events } = await success(pipeline);
    expect(tries).toEqual(['dns', 'dns', 'dns', 'ok']);
    expect(events.filter((event) => event.type === 'retry-scheduled')[0]).toMatchObject({ delayMs: 0, reason: 'dns' });
    expect(lookups()).toBe(4);
    jest.restoreAllMocks();
    await pipeline.dispose();
  });
});

describe('a connection that is never made', () => {
  it('3: a host that does not answer at all is given up and tried again', async () => {
    const port = await blackHole();
    const { pipeline, clock } = await aScene(
      [GOOD],
      to(`http://127.0.0.1:${port}/api/v1`, { timeouts: { connectMs: 60 }, retry: { maxAttempts: 2 } }),
    );
    const { error, cause, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(cause).toBeInstanceOf(TimeoutError);
    expect(cause).toMatchObject({ timer: 'connect' });
    expect({ tries, sent: error.attempts.map(({ sent }) => sent), pending: clock.pending }).toEqual({
      tries: ['timeout', 'timeout'],
      sent: [false, false],
      pending: 0,
    });
  });

  it('4: a peer that never finishes the TLS handshake is given up and tried again', async () => {
    const { server, clock } = await aScene([[{ stall: true }]]);
    const { pipeline } = await aScene([GOOD], {
      clock,
      ...to(`https://127.0.0.1:${server.port}/api/v1`, { timeouts: { connectMs: 60 }, retry: { maxAttempts: 2 } }),
    });
    const { cause, tries, error } = await failure(pipeline);
    expect(cause).toMatchObject({ code: 'timeout', timer: 'connect' });
    expect({ tries, sent: error.attempts.map(({ sent }) => sent), connections: server.connections }).toEqual({
      tries: ['timeout', 'timeout'],
      sent: [false, false],
      connections: 2,
    });
  });
});

describe('a certificate', () => {
  it.each([
    ['that nobody has signed', 30, /self-signed certificate/],
    ['that has expired', -10, /certificate has expired/],
  ])('5: %s is a clear failure that is not tried again, and nothing is sent', async (_, days, reason) => {
    const { port, received } = await secureServer(days);
    const { pipeline } = await aScene([GOOD], to(`https://127.0.0.1:${port}/api/v1`));
    const { error, tries } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'tls', retryable: false, attempts: [{ sent: false }] });
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('check the certificate');
    expect({ tries, received: received() }).toEqual({ tries: ['tls'], received: 0 });
  });
});

describe('a connection that breaks while the request goes out', () => {
  it('8: is tried again with the same body', async () => {
    const { server, pipeline } = await aScene([[{ someBytes: true }, { rst: true }], GOOD]);
    const prompt = 'The sea. '.repeat(1_000_000);
    const { text, tries } = await success(pipeline, { prompt });
    expect({ text, tries, connections: server.connections }).toEqual({
      text: 'Once upon a time.',
      tries: ['connection', 'ok'],
      connections: 2,
    });
    expect(JSON.parse(server.requests[0]!.split('\r\n\r\n')[1]!)).toMatchObject({ messages: [{ content: prompt }] });
  });
});

/** Lets so many look-ups of any name fail. @returns how many were made */
function lookupFailing(code: string, times: number): () => number {
  let made = 0;
  jest.spyOn(dns, 'lookup').mockImplementation(((
    ...[, options, found]: [string, dns.LookupOptions, (...answer: unknown[]) => void]
  ) => {
    made += 1;
    if (made <= times) setImmediate(found, Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    else
      setImmediate(found, null, ...(options.all === true ? [[{ address: '127.0.0.1', family: 4 }]] : ['127.0.0.1', 4]));
  }) as never);
  return () => made;
}

/** A port whose queue of connections is full, so that the machine lets every further one knock in vain. */
async function blackHole(): Promise<number> {
  const program =
    'require("net").createServer().listen(0, "127.0.0.1", 1, function () { require("fs").writeSync(1, String(this.address().port)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10000); })';
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  closings.push(() => child.kill('SIGKILL'));
  const port = Number(await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve)));
  const isFull = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      closings.push(() => socket.destroy());
      const timer = setTimeout(() => resolve(true), 60);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  while (!(await isFull()));
  return port;
}

async function secureServer(days: number): Promise<{ readonly port: number; readonly received: () => number }> {
  let bytes = 0;
  const server = createTlsServer(selfSigned(days), (socket) =>
    socket.on('data', (data: Buffer) => {
      bytes += data.length;
    }),
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, received: () => bytes };
}
