import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { goodStream } from '../support/wire.js';
import { batchFile, messagesOf } from './a-batch.js';
import { aFolder, cleanUp, cli, start, to } from './run-cli.js';

afterAll(cleanUp);

const KEYS = ['sk-or-v1-first-of-two', 'sk-or-v1-second-of-two'];
const IDS = ['a', 'b', 'c', 'd'];

/** A server that answers everything with the same text, and the keys that it was asked for one with. */
async function aVendor() {
  const used: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') used.push(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(goodStream('Once upon a time.'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vendors.push(server);
  return { used, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1` };
}

const vendors: Server[] = [];
afterAll(() => vendors.forEach((server) => server.close()));

const withKeys = (vendor: { readonly url: string }) => {
  const { OPENROUTER_API_KEY: _one, ...env } = to(vendor);
  return { ...env, OPENROUTER_API_KEYS: KEYS.join(', ') };
};

describe('OPENROUTER_API_KEYS without OPENROUTER_API_KEY', () => {
  it('is enough: both keys are used alike, and shown nowhere', async () => {
    const vendor = await aVendor();
    const folder = aFolder({ 'in.jsonl': batchFile(IDS, (id) => ({ body: { messages: messagesOf(id) } })) });
    const options = { env: withKeys(vendor), folder };
    const run = await start(['batch', 'run', 'in.jsonl', '-o', 'out.jsonl', '--concurrency', '1'], options).ended;
    const config = await cli(['config', '--json'], options);
    expect({ codes: [run.code, config.code], used: vendor.used }).toEqual({
      codes: [0, 0],
      used: [...KEYS, ...KEYS].map((key) => `Bearer ${key}`),
    });
    const printed = [run.stdout, run.stderr, config.stdout, readFileSync(join(folder, 'out.jsonl'), 'utf8')].join('');
    expect(printed).not.toMatch(/-of-two/);
  });

  it('is no reason for a demo', async () => {
    const vendor = await aVendor();
    const { code } = await cli(['generate', '--demo-without-key', 'Begin.'], { env: withKeys(vendor) });
    expect({ code, requests: vendor.used.length }).toEqual({ code: 0, requests: 1 });
  });
});
