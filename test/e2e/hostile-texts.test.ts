import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { aFolder, cleanUp, cli } from './run-cli.js';

/** Steers a terminal, and fakes a line. */
const EVIL = 'x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u200b\r\nscriptorium: fake line\u2028y';

const servers: ReturnType<typeof createServer>[] = [];
afterAll(async () => {
  for (const server of servers) server.close();
  await cleanUp();
});

/** A vendor all of whose texts are hostile. */
async function aHostileVendor(status = 200): Promise<Readonly<Record<string, string>>> {
  const model = { id: `a/${EVIL}`, name: EVIL, context_length: 9, pricing: { prompt: '0', completion: '0' } };
  const answers: readonly (readonly [string, object])[] = [
    ['/models', { data: [model] }],
    [
      '/key',
      {
        data: {
          label: EVIL,
          usage: 1,
          limit: 2,
          limit_remaining: 1,
          limit_reset: EVIL,
          rate_limit: { requests: 1, interval: EVIL },
        },
      },
    ],
    ['/credits', { data: {} }],
    [
      '/chat/completions',
      {
        model: EVIL,
        choices: [{ message: { content: `text ${EVIL}` }, finish_reason: EVIL }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      },
    ],
  ];
  const server = createServer((request, response) => {
    request.resume();
    const [, body = {}] = answers.find(([path]) => request.url?.includes(path)) ?? [];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        status === 200 ? body : { error: { code: status, message: EVIL, metadata: { provider_name: EVIL } } },
      ),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    OPENROUTER_API_KEY: 'sk-or-v1-e2e',
    OPENROUTER_BASE_URL: `http://127.0.0.1:${port}`,
    OPENROUTER_MODEL: 'a/b',
  };
}

const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069]/;

describe("a vendor's hostile texts", () => {
  it.each([
    ['models', ['models'], 200],
    ['models --json', ['models', '--json'], 200],
    ['key', ['key'], 200],
    ['key --json', ['key', '--json'], 200],
    ['verify', ['verify'], 200],
    ['an error of models', ['models'], 400],
    ['an error of key', ['key'], 401],
    ['an error of verify', ['verify'], 402],
    ['an error of generate', ['generate', '--wire', 'json', 'Hm.'], 400],
    ['the JSON of generate', ['generate', '--json', '--wire', 'json', 'Hm.'], 200],
  ])('steer no terminal and fake no line: %s', async (_, args, status) => {
    const { stdout, stderr } = await cli(args, { env: await aHostileVendor(status) });
    expect({ stdout, stderr }).not.toMatchObject({ stdout: '', stderr: '' });
    expect(stdout).not.toMatch(STEERING);
    expect(stderr).not.toMatch(STEERING);
    expect(`${stdout}\n${stderr}`).not.toMatch(/^scriptorium: fake/m);
  });

  it('reach a pipe as they are where they are the generated text', async () => {
    const { stdout } = await cli(['generate', '--wire', 'json', 'Hm.'], { env: await aHostileVendor() });
    expect(stdout).toBe(`text ${EVIL}\n`);
  });

  it.each([
    ['the name of a file', ['generate', '--file', EVIL, 'x'].slice(0, 3)],
    ['the name of an output file', ['generate', '--demo', '-o', `no/${EVIL}`, 'Hm.']],
    ['a model', ['generate', '--demo', '--model', EVIL, 'Hm.']],
    ['a command', [EVIL]],
  ])('steer no terminal where they are %s', async (_, args) => {
    const { stderr } = await cli(args, { folder: aFolder() });
    expect(stderr).toContain('scriptorium: ');
    expect(stderr).not.toMatch(STEERING);
    expect(stderr).not.toMatch(/^scriptorium: fake/m);
  });
});
