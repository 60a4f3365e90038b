import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import type { Transport } from 'scriptorium/plugin';
import { describeTransport } from 'scriptorium/testing';
import { aTransportOf } from '../support/transports.js';

describeTransport('node-fetch', () => aTransportOf('node-fetch'));
describeTransport('undici', () => aTransportOf('undici'));

/** Newer versions of Node also report the sockets of TLS, so that the suite sees more. */
function reportsTls(): boolean {
  let isReported = false;
  const note = (): void => {
    isReported = true;
  };
  subscribe('net.client.socket', note);
  connect({ port: 1, host: '127.0.0.1' })
    .on('error', () => undefined)
    .destroy();
  unsubscribe('net.client.socket', note);
  return isReported;
}

/** The names of the tests that a transport fails. */
async function failuresOf(make: () => Transport): Promise<readonly string[]> {
  const tests: [string, () => Promise<void>][] = [];
  describeTransport('any', make, { describe: (_name, body) => body(), it: (name, body) => tests.push([name, body]) });
  const failures: string[] = [];
  for (const [name, run] of tests) await run().catch(() => failures.push(name));
  return failures;
}

/** The right transport but for one promise. */
const breaking = (change: (inner: Transport) => Partial<Transport>) => (): Transport => {
  const inner = aTransportOf('node-fetch');
  return { open: (...request) => inner.open(...request), close: () => inner.close?.(), ...change(inner) };
};

describe('describeTransport', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect(await failuresOf(breaking(() => ({})))).toEqual([]);
  });

  it('notices a transport that follows redirects', async () => {
    const following = breaking((inner) => ({
      open: async (request, signal, monitor) => {
        const response = await inner.open(request, signal, monitor);
        const location = response.headers.get('location');
        return location === null ? response : inner.open({ ...request, url: location }, signal, monitor);
      },
    }));
    expect(await failuresOf(following)).toEqual(['is never sent on to where a redirect points']);
  });

  it('notices a transport that is late to abort', async () => {
    const late = breaking((inner) => ({
      open: (request, signal, monitor) => {
        const later = new AbortController();
        signal.addEventListener('abort', () => setTimeout(() => later.abort(), 5));
        return inner.open(request, signal.aborted ? signal : later.signal, monitor);
      },
    }));
    expect(await failuresOf(late)).toEqual([
      ...(reportsTls() ? ['while the connection is made secure closes it at once'] : []),
      'while the answer is awaited closes the socket at once',
      'while the body is read closes the socket at once, and the body fails',
    ]);
  });

  it('notices a transport that calls every request unsent, and one that tells the monitor nothing', async () => {
    const careless = breaking((inner) => ({
      open: (request, signal, monitor) =>
        inner.open(request, signal, monitor).catch((error: unknown) => {
          throw Object.assign(error as Error, { neverSent: true });
        }),
    }));
    expect(await failuresOf(careless)).toEqual([
      'of a new connection that is reset does not say so',
      'of a new connection that is closed does not say so',
      'of a connection that served before does not say so if the answer had begun',
    ]);
    const nothing = (): void => undefined;
    const silent = breaking((inner) => ({
      open: (request, signal) =>
        inner.open(request, signal, {
          onSocket: nothing,
          onConnect: nothing,
          onHeaders: nothing,
          onBytes: nothing,
          onContent: nothing,
        }),
    }));
    expect(await failuresOf(silent)).toEqual(
      expect.arrayContaining([
        'is told of by its socket, its connection and its headers, in this order',
        'is not called connected before its connection is secure',
      ]),
    );
  });

  it('notices a transport whose bodies just end, and one without a way to close it', async () => {
    const optimistic = breaking((inner) => ({
      open: async (...request) => {
        const response = await inner.open(...request);
        return { ...response, body: untilItBreaks(response.body) };
      },
    }));
    expect(await failuresOf(optimistic)).toEqual(
      expect.arrayContaining([
        'of a body in chunks, closed too early, is no end',
        'of a body in chunks, reset, is no end',
        'of a body that is shorter than its length is no end',
      ]),
    );
    const inner = aTransportOf('node-fetch');
    expect(await failuresOf(() => ({ open: (...request) => inner.open(...request) }))).toEqual([
      'is closed with the transport, in use or not',
    ]);
  });
});

async function* untilItBreaks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    // As if all were well.
  }
}
