import { afterEach, describe, expect, it } from '@jest/globals';
import { describeConfig } from 'scriptorium';
import type { ConfigInput, GenerationError, Pipeline } from 'scriptorium';
import { readProxy } from '../../../src/core/http-proxy.js';
import { eventually } from '../../support/eventually.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { startProxy } from '../../support/proxy-server.js';
import type { ProxyOptions, ProxyServer } from '../../support/proxy-server.js';
import { scriptServer } from '../../support/script-server.js';
import { aTransportOf } from '../../support/transports.js';
import type { TransportName } from '../../support/transports.js';
import { answers, whole } from '../../support/wire.js';
import { undici } from 'scriptorium/plugins/undici';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const EACH: readonly TransportName[] = ['node-fetch', 'undici'];
const CREDENTIALS = { user: 'clerk', password: 'p4ss-w0rd-canary' };
/** A machine behind a proxy cannot even resolve the names of others. */
const NOWHERE = 'https://vendor.invalid/api/v1';

async function aProxy(options: ProxyOptions = {}): Promise<ProxyServer> {
  const proxy = await startProxy(options);
  ends.push(() => proxy.close());
  return proxy;
}

async function aPipeline(url: string, environment: NodeJS.ProcessEnv, config: ConfigInput): Promise<Pipeline> {
  const plugins = process.env.TRANSPORT === 'undici' ? [] : [undici()];
  const pipeline = await pipelineTo(url, config, { environment, plugins });
  ends.push(() => pipeline.dispose());
  return pipeline;
}

const generate = (pipeline: Pipeline) => pipeline.generate({ prompt: 'Begin.' });

describe.each(EACH)('a plain request over %s', (transport) => {
  it('is passed on by the proxy, which alone learns user and password', async () => {
    const server = await scriptServer(answers('Once.'));
    ends.push(() => server.close());
    const proxy = await aProxy({ credentials: CREDENTIALS });
    const { user, password } = CREDENTIALS;
    const environment = { HTTP_PROXY: `http://${user}:${password}@127.0.0.1:${proxy.port}` };
    const pipeline = await aPipeline(server.url, environment, { transport });
    for (let call = 0; call < 2; call += 1) expect((await generate(pipeline)).text).toBe('Once.');
    expect(proxy.requests).toEqual(Array(2).fill(`POST ${server.url}/chat/completions`));
    expect(JSON.stringify(server.requests)).not.toMatch(/proxy-authorization/i);
  });

  it('goes straight to a host of NO_PROXY, and with proxy: false', async () => {
    const server = await scriptServer(answers('Once.'));
    ends.push(() => server.close());
    const proxy = await aProxy();
    const HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
    await generate(await aPipeline(server.url, { HTTP_PROXY, NO_PROXY: '127.0.0.1' }, { transport }));
    await generate(await aPipeline(server.url, { HTTP_PROXY }, { transport, proxy: false }));
    expect({ proxied: proxy.requests.length, arrived: server.requests.length }).toEqual({ proxied: 0, arrived: 2 });
  });

  it('that the proxy refuses with 407 was not sent, is not retried, and costs nothing', async () => {
    const server = await scriptServer(answers('Once.'));
    ends.push(() => server.close());
    const proxy = await aProxy({ credentials: CREDENTIALS });
    const HTTP_PROXY = `http://clerk:wr0ng-canary@127.0.0.1:${proxy.port}`;
    const error = await failureOf(generate(await aPipeline(server.url, { HTTP_PROXY }, { transport })));
    expect(outcomeOf(error)).toMatchObject({ code: 'connection', retryable: false, neverSent: true, cost: 0 });
    expect(error.message).toContain('Check the user and the password in HTTP_PROXY.');
    expect(seenOf(error)).not.toContain('canary');
    expect({ proxied: proxy.requests.length, arrived: server.requests.length }).toEqual({ proxied: 1, arrived: 0 });
  });
});

describe.each(EACH)('an encrypted request over %s', (transport) => {
  it.each([
    ['a refusal', '407 No', false, 'It wants a user and a password: set HTTPS_PROXY'],
    ['a ban', '403 No', false, 'name the host in NO_PROXY'],
    ['a host that it cannot reach', '502 No', true, 'It cannot reach the server.'],
  ])('fails by %s, and was not sent', async (...[, status, retryable, remedy]) => {
    const proxy = await aProxy({ onConnect: (socket) => socket.end(`HTTP/1.1 ${status}\r\n\r\nsecret words`) });
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const error = await failureOf(
      generate(await aPipeline(NOWHERE, { HTTPS_PROXY }, { transport, retry: { maxAttempts: 1 } })),
    );
    expect(outcomeOf(error)).toMatchObject({ code: 'connection', retryable, neverSent: true, cost: 0 });
    expect(error.message).toContain(remedy);
    expect(error.message).toContain(`http://127.0.0.1:${proxy.port}`);
    expect(error.message).not.toContain('secret words');
    expect(proxy.requests[0]).toBe('CONNECT vendor.invalid:443');
  });

  it.each([
    ['something that is not HTTP', 'SSH-2.0-proxy\r\n', 'protocol'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, 'protocol'],
    ['nothing, and closes', '', 'connection'],
  ])('fails if the proxy answers %s', async (_, bytes, code) => {
    const proxy = await aProxy({
      onConnect: (socket) => (bytes === '' ? socket.destroy() : socket.write(bytes)),
    });
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const error = await failureOf(
      generate(await aPipeline(NOWHERE, { HTTPS_PROXY }, { transport, retry: { maxAttempts: 1 } })),
    );
    expect(outcomeOf(error)).toMatchObject({ code, neverSent: true, cost: 0 });
    expect(error.message).toContain('Check HTTPS_PROXY.');
    await eventually(() => proxy.openSockets() === 0);
  });

  it('fails as not sent if the proxy is away, and shows no password', async () => {
    const proxy = await aProxy();
    await proxy.close();
    const HTTPS_PROXY = `http://clerk:p4ss-canary@127.0.0.1:${proxy.port}`;
    const error = await failureOf(
      generate(await aPipeline(NOWHERE, { HTTPS_PROXY }, { transport, retry: { maxAttempts: 1 } })),
    );
    expect(outcomeOf(error)).toMatchObject({ code: 'connection', retryable: true, neverSent: true, cost: 0 });
    expect(error.message).toMatch(/the proxy http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.* Check HTTPS_PROXY\./);
    expect(seenOf(error)).not.toContain('canary');
  });

  it('closes its connection to a silent proxy when it is aborted', async () => {
    const proxy = await aProxy({ onConnect: () => undefined });
    const heard: string[] = [];
    const { connection, controller, failed } = openThrough(proxy, transport, heard);
    await eventually(() => proxy.requests.length === 1);
    controller.abort();
    await failed;
    expect(heard).toEqual(['new socket']);
    await eventually(() => proxy.openSockets() === 0);
    connection.close?.();
  });

  it('ends when its transport is closed while the proxy is silent', async () => {
    const proxy = await aProxy({ onConnect: () => undefined });
    const { connection, failed } = openThrough(proxy, transport, []);
    await eventually(() => proxy.requests.length === 1);
    connection.close?.();
    expect((await failed).code).toBe('connection');
    await eventually(() => proxy.openSockets() === 0);
  });

  it('is refused before anything is sent where the proxy is not one of HTTP', async () => {
    const error = await failureOf(
      generate(await aPipeline(NOWHERE, { ALL_PROXY: 'socks5://a:canary@127.0.0.1:1' }, { transport })),
    );
    expect(outcomeOf(error)).toMatchObject({ code: 'configuration', retryable: false, cost: 0 });
    expect(error.message).toContain('ALL_PROXY is socks5://[…]@127.0.0.1:1');
  });
});

it('shows the address of a proxy without user and password', async () => {
  const { lines } = await describeConfig({ environment: {}, config: { proxy: 'http://clerk:canary@proxy.test' } });
  expect(lines.find(({ path }) => path === 'proxy')).toMatchObject({ value: 'http://[…]@proxy.test' });
  const { problems } = await describeConfig({ environment: {}, config: { proxy: 'ftp://clerk:canary@proxy.test' } });
  expect(problems.join()).toMatch(/^proxy .*"ftp:\/\/\[…\]@proxy\.test", but must be "env", false, or the address/);
});

it('masks the password of a proxy in what a server says', async () => {
  const server = await scriptServer([
    { request: true },
    { write: whole('{"error":{"message":"you said p4ss-w0rd-canary"}}', undefined, '400 Bad Request') },
  ]);
  ends.push(() => server.close());
  const proxy = await aProxy();
  const HTTP_PROXY = `http://clerk:${CREDENTIALS.password}@127.0.0.1:${proxy.port}`;
  const error = await failureOf(generate(await aPipeline(server.url, { HTTP_PROXY }, {})));
  expect(error.message).toContain('you said [secret]');
});

function openThrough(proxy: ProxyServer, transport: TransportName, heard: string[]) {
  const through = readProxy(`http://127.0.0.1:${proxy.port}`, 'HTTPS_PROXY');
  const connection = aTransportOf(transport, { proxyFor: () => through });
  const controller = new AbortController();
  const opening = connection.open({ method: 'POST', url: NOWHERE, headers: {}, body: '{}' }, controller.signal, {
    onSocket: (isKept) => heard.push(isKept ? 'kept socket' : 'new socket'),
    onConnect: () => heard.push('connected'),
    onHeaders: () => heard.push('headers'),
    onBytes: () => heard.push('bytes'),
    onContent: () => heard.push('content'),
  });
  return { connection, controller, failed: failureOf(opening) };
}

function outcomeOf(error: GenerationError) {
  const { code, retryable, neverSent, attempts } = error;
  return {
    code,
    retryable,
    neverSent,
    cost: attempts.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0),
  };
}

/** Whatever a log could show of an error. */
function seenOf(error: GenerationError): string {
  return `${error.stack ?? ''}${JSON.stringify(error)}`;
}
