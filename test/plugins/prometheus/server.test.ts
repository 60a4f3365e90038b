import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, pluginCommands } from 'scriptorium';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { loadPromClient } from '../../../plugins/prometheus/load-prom-client.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { afterwards, measured, textAt } from './measured.js';

const NOWHERE = 'http://127.0.0.1:9';

describe('the server of the metrics', () => {
  it('answers GET and HEAD for /metrics, in the format that Prometheus reads', async () => {
    const { plugin } = await measured();
    const url = plugin.url()!;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const got = await fetch(`${url}?any=thing`);
    expect([got.status, got.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, Number(head.headers.get('content-length')), await head.text()]).toEqual([
      200,
      Buffer.byteLength(await got.text()),
      '',
    ]);
  });

  it('answers nothing else', async () => {
    const { plugin } = await measured();
    const url = plugin.url()!;
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await fetch(new URL('/', url))).status).toBe(404);
  });

  it('bears a request line that is no address, and a response that somebody else has answered', async () => {
    const { plugin } = await measured();
    const { port } = new URL(plugin.url()!);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 404 /);
    const mounted = createServer((request, response) => {
      plugin.handler(request, response);
      response.writeHead(503).end();
    }).listen(0, '127.0.0.1');
    afterwards(() => mounted.close());
    await once(mounted, 'listening');
    expect((await fetch(`http://127.0.0.1:${(mounted.address() as AddressInfo).port}/`)).status).toBe(503);
    expect((await fetch(plugin.url()!)).status).toBe(200);
  });

  it('is not opened for the commands of plugins, beside a program that has it open', async () => {
    const { plugin } = await measured();
    const port = Number(new URL(plugin.url()!).port);
    const { leftOut, dispose } = await pluginCommands({ environment: {}, plugins: [prometheus({ port })] });
    expect(leftOut).toEqual([]);
    await dispose();
  });

  it('is closed when the pipeline is disposed, with connections that are still open', async () => {
    const { plugin, pipeline } = await measured();
    const url = plugin.url()!;
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    await once(idle, 'connect');
    const gone = once(idle, 'close');
    await pipeline.dispose();
    await gone;
    expect(plugin.url()).toBeUndefined();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('says which port is in use, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    afterwards(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const error = await failureOf(pipelineTo(NOWHERE, {}, { plugins: [prometheus({ port })] }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(
      `The metrics cannot be served: port ${port} of 127.0.0.1 is in use; set plugins.prometheus.port to a free one (0 takes any), or plugins.prometheus.listen to false.`,
    );
  });

  it('says which host is none of this machine', async () => {
    const error = await failureOf(pipelineTo(NOWHERE, {}, { plugins: [prometheus({ port: 0, host: '192.0.2.1' })] }));
    expect(error.message).toContain('plugins.prometheus.host is "192.0.2.1", which is no address of this machine');
  });

  it('keeps no process alive', () => {
    const program = `
      import { createPipeline } from 'scriptorium';
      import { openrouter } from 'scriptorium/plugins/openrouter';
      import { prometheus } from 'scriptorium/plugins/prometheus';
      const metrics = prometheus({ port: 0 });
      await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: '${NOWHERE}' }), metrics], config: { logging: { level: 'silent' }, defaults: { model: 'a/model' } } });
      const { status } = await fetch(metrics.url());
      process.stdout.write(String(status));
    `;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '200' });
  });
});

describe('metrics without a server of their own', () => {
  it('are mounted in one of the application', async () => {
    const { plugin } = await measured({ options: { listen: false } });
    const server = createServer((request, response) => plugin.handler(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterwards(() => server.close());
    expect(plugin.url()).toBeUndefined();
    expect(await textAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/internal/prometheus`)).toBe(
      await plugin.metrics(),
    );
  });

  it('are not there before a pipeline is', async () => {
    const plugin = prometheus({ listen: false });
    expect((await failureOf(plugin.metrics())).message).toContain('before a pipeline has set prometheus() up');
    const server = createServer((request, response) => plugin.handler(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterwards(() => server.close());
    expect((await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).status).toBe(503);
  });
});

describe('the plugin prometheus', () => {
  it('belongs to one pipeline, and may go to another one after its end', async () => {
    const { plugin, pipeline } = await measured();
    expect((await failureOf(pipelineTo(NOWHERE, {}, { plugins: [plugin] }))).message).toContain(
      'belongs to another pipeline',
    );
    await pipeline.dispose();
    const next = await pipelineTo(NOWHERE, {}, { plugins: [plugin] });
    expect(await textAt(plugin.url())).toContain('# TYPE scriptorium_requests_total counter');
    await next.dispose();
  });

  it('says what to install where prom-client is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const error = await failureOf(loadPromClient(() => Promise.reject(missing)));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe('The package prom-client is not installed beside scriptorium: npm i prom-client@15');
  });
});
