import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { rawClient } from '../plugins/gateway/answers/raw-client.js';
import type { RawClient } from '../plugins/gateway/answers/raw-client.js';
import { aFolder, anEmulator, cleanUp, cli, start, to } from './run-cli.js';
import type { RunningProcess } from './run-cli.js';

/** Processes and connections that a failed test would leave behind. */
const opened: (() => void)[] = [];
afterEach(() => opened.splice(0).forEach((close) => close()));
afterAll(cleanUp);

interface Serving {
  readonly program: RunningProcess;
  readonly url: string;
  readonly port: number;
}

/** The real program, which serves an emulator on a free port. */
async function serving(emulator: Emulator, args: readonly string[] = [], folder = aFolder()): Promise<Serving> {
  const program = start(['serve', '--port', '0', ...args], { env: to(emulator), folder });
  opened.push(() => program.child.kill('SIGKILL'));
  await program.shows(/^http:\S+\n/);
  const url = program.stdout().trim();
  return { program, url, port: Number(new URL(url).port) };
}

const slow = (): Promise<Emulator> => anEmulator({ tokensPerSecond: 100, words: 300 });

/** A stream of a chat whose first words have arrived. */
async function aStream(port: number, key?: string): Promise<RawClient> {
  const client = await rawClient(port);
  opened.push(() => client.socket.destroy());
  const body = JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Begin.' }] });
  const headers = [
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...(key === undefined ? [] : [`authorization: Bearer ${key}`]),
  ];
  client.send(`POST /v1/chat/completions HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
  await client.until((text) => text.includes('"content":"'));
  return client;
}

/** The text of a stream, as far as it has arrived. */
function textIn({ received }: RawClient): string {
  const deltas = [...received.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)];
  return deltas.map(([, delta = '""']) => JSON.parse(delta) as string).join('');
}

/** Whether the last chunk of the encoding has arrived. */
const isWhole = ({ received }: RawClient): boolean => received.endsWith('\r\n0\r\n\r\n');

function chat(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Begin.' }] }),
  });
}

describe('scriptorium serve as a program', () => {
  it('answers a chat', async () => {
    const emulator = await anEmulator();
    const { program, url } = await serving(emulator);
    const answer = await chat(url);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { choices: [{ finish_reason: 'stop', message: { content: emulator.requests[0]?.text } }] },
    });
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, signal: null, stdout: `${url}\n` });
  });

  it('lets a running stream end whole after SIGTERM, and exits with 0', async () => {
    const emulator = await slow();
    const { program, port } = await serving(emulator);
    const stream = await aStream(port);
    expect(emulator.requests[0]?.outcome).toBe('running');
    program.kill('SIGTERM');
    const { code, signal, stderr } = await program.ended;
    expect({ end: await stream.ended, isWhole: isWhole(stream), text: textIn(stream) }).toEqual({
      end: 'fin',
      isWhole: true,
      text: emulator.requests[0]?.text,
    });
    expect(stream.received).toContain('data: [DONE]');
    expect({ code, signal, stderr }).toEqual({
      code: 0,
      signal: null,
      stderr: expect.stringContaining(
        'Stopping: running answers have 30 s to end. A second signal ends them at once.\n',
      ),
    });
  });

  it('ends a running stream at once at a second signal, and not as a whole answer', async () => {
    const emulator = await anEmulator();
    emulator.script({ stall: { afterDeltas: 10 } });
    const { program, port } = await serving(emulator);
    const stream = await aStream(port);
    let said = '';
    program.child.stderr!.on('data', (text: string) => (said += text));
    program.kill('SIGTERM');
    // Two signals that arrive together are one.
    await eventually(() => said.includes('Stopping'));
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    await stream.ended;
    expect({ isWhole: isWhole(stream), isDone: stream.received.includes('[DONE]') }).toEqual({
      isWhole: false,
      isDone: false,
    });
  });

  it('does not start on an address that others reach before there is a key, and names the remedy', async () => {
    const { code, stdout, stderr } = await start(['serve', '--port', '0', '--host', '0.0.0.0'], {
      env: to(await anEmulator()),
    }).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'scriptorium: The gateway would be open to everyone on 0.0.0.0, since it has no keys. Make one with "scriptorium gateway key add NAME", or listen on 127.0.0.1.\n',
    });
  });

  it('names a port that is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    opened.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await start(['serve', '--port', String(port)], { env: to(await anEmulator()) })
      .ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `scriptorium: The gateway cannot listen: port ${port} of 127.0.0.1 is in use. Choose another one with --port; 0 takes any that is free.\n`,
    });
  });
});

describe('scriptorium gateway key as a program', () => {
  it('adds a key that opens the gateway, lists it, and revokes it, which ends its running stream', async () => {
    const [emulator, folder] = [await anEmulator(), aFolder()];
    const key = await start(['gateway', 'key', 'add', 'ada', '--expires', '90d'], { folder }).ended;
    expect(key).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sk-scr-\S+\n$/) });
    expect(key.stderr).toMatch(
      /^Added the key "ada"\. It expires at \d{4}-\d\d-\d\dT\d\d:\d\dZ\.\nThis is the only time/,
    );
    const file = join(folder, '.scriptorium', 'gateway.json');
    expect({
      mode: statSync(file).mode & 0o777,
      hasKey: readFileSync(file, 'utf8').includes(key.stdout.trim()),
    }).toEqual({ mode: 0o600, hasKey: false });
    const listed = await start(['gateway', 'key', 'list'], { folder }).ended;
    expect(listed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^NAME +KEY +POLICY +STATE\nada +sk-scr-\S*… +- +valid to /),
    });

    const { program, url, port } = await serving(emulator, ['--host', '0.0.0.0'], folder);
    const authorization = `Bearer ${key.stdout.trim()}`;
    expect({ without: (await chat(url)).status, with: (await chat(url, { authorization })).status }).toEqual({
      without: 401,
      with: 200,
    });
    emulator.script({ stall: { afterDeltas: 10 } });
    const stream = await aStream(port, key.stdout.trim());
    const revoked = await start(['gateway', 'key', 'revoke', 'ada'], { folder }).ended;
    expect(revoked).toMatchObject({
      code: 0,
      stderr: 'Revoked the key "ada". Running gateways refuse it within a second.\n',
    });
    await stream.ended;
    expect(isWhole(stream)).toBe(false);
    expect(stream.received).toContain('The key \\"ada\\" was revoked or has expired.');
    const refused = await chat(url, { authorization });
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({
      status: 401,
      body: { error: { message: expect.stringContaining('The key "ada" was revoked.') } },
    });
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });
});

describe('the help of the commands', () => {
  it.each([
    ['serve', '--for bookgen'],
    ['gateway', 'key add NAME'],
  ])('of %s fits into 80 columns', async (command, line) => {
    const { code, stdout, stderr } = await cli([command, '--help']);
    expect({ code, stderr, hasLine: stdout.includes(line) }).toEqual({ code: 0, stderr: '', hasLine: true });
    expect(stdout.split('\n').filter((text) => text.length > 80)).toEqual([]);
  });
});
