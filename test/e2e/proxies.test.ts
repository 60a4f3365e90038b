import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../support/certificate.js';
import { startProxy } from '../support/proxy-server.js';
import { goodStream } from '../support/wire.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Two generations, one after the other; prints their texts. */
const PROGRAM = `
  import { createPipeline } from 'scriptorium';
  import { openrouter } from 'scriptorium/plugins/openrouter';
  import { undici } from 'scriptorium/plugins/undici';
  const pipeline = await createPipeline({ plugins: [openrouter(), undici()], config: { logging: { level: 'silent' } } });
  const texts = [];
  for (let call = 0; call < 2; call += 1) texts.push((await pipeline.generate({ prompt: 'Begin.' })).text);
  await pipeline.dispose();
  console.log(JSON.stringify(texts));
`;

const certificate = selfSigned(2);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-proxies-'));
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A vendor on this machine, with a certificate of an authority that only `NODE_EXTRA_CA_CERTS` names. */
async function startVendor() {
  const headers: string[] = [];
  let connections = 0;
  const server = createServer(certificate, (request, response) => {
    headers.push(JSON.stringify(request.headers));
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(goodStream('Once.'));
    });
  });
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    headers,
    connections: () => connections,
    close: () => server.close(),
  };
}

describe.each(['node-fetch', 'undici'])('a program over %s', (transport) => {
  it.each(['http', 'https'])(
    'reaches an encrypted server through a tunnel of an %s proxy, once for both calls',
    async (scheme) => {
      const vendor = await startVendor();
      const credentials = { user: 'clerk', password: 'p4ss-w0rd' };
      const proxy = await startProxy({ credentials, ...(scheme === 'https' && { certificate }) });
      try {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
          cwd: ROOT,
          env: {
            PATH: process.env.PATH,
            NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
            HTTPS_PROXY: `${scheme}://clerk:p4ss-w0rd@127.0.0.1:${proxy.port}`,
            OPENROUTER_API_KEY: 'any',
            OPENROUTER_BASE_URL: `https://127.0.0.1:${vendor.port}/v1`,
            SCRIPTORIUM_TRANSPORT: transport,
          },
        });
        expect({ texts: JSON.parse(stdout) as unknown, stderr }).toEqual({ texts: ['Once.', 'Once.'], stderr: '' });
        expect({ tunnels: proxy.requests, connections: vendor.connections() }).toEqual({
          tunnels: [`CONNECT 127.0.0.1:${vendor.port}`],
          connections: 1,
        });
        expect(vendor.headers.join()).not.toMatch(/proxy-|p4ss/i);
      } finally {
        vendor.close();
        await proxy.close();
      }
    },
  );
});
