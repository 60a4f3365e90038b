import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { GenerationInput, Pipeline } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { CANARY } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import type { Step } from '../../support/script-server.js';
import {
  chunk,
  chunked,
  data,
  delta,
  DONE,
  finish,
  head,
  LAST_CHUNK,
  refuses,
  SSE_HEAD,
  whole,
} from '../../support/wire.js';
import { aPlugin } from '../a-plugin.js';
import { aFile, bytesIn, courseOf, NOWHERE, recording, replaying } from './cassettes.js';

const FLAGGED = 'what the moderation has flagged: canary';
const USER = 'user_canary_2f';
const envelope = {
  error: {
    code: 403,
    message: `No user for ${CANARY}`,
    metadata: {
      flagged_input: FLAGGED,
      reasons: ['violence'],
      raw: JSON.stringify({ error: { message: `Bearer ${CANARY}`, user_id: USER }, authorization: CANARY }),
    },
  },
  user_id: USER,
};
const escaped = CANARY.replace('k', '\\u006b');
const answer = (...steps: readonly Step[]): readonly Step[] => [{ request: true }, ...steps];
const inHalves = (text: string): readonly Step[] =>
  [...(text.match(/[^]{1,7}/g) ?? [])].map((piece): Step => ({ write: chunk(piece) }));

/** What a server may say, and how much of it must still be there. */
const CASES: Readonly<
  Record<string, { readonly script: readonly Step[]; readonly kept: string; readonly input?: Partial<GenerationInput> }>
> = {
  'an error body': { script: refuses('403 Forbidden', envelope), kept: 'violence' },
  'an error body on many lines': {
    script: answer({
      write: whole(JSON.stringify(envelope, undefined, 2), ['content-type: application/json'], '403 Forbidden'),
    }),
    kept: 'violence',
  },
  'an error body in pieces': {
    script: answer(
      { write: head('403 Forbidden', ['content-type: application/json', 'transfer-encoding: chunked']) },
      ...inHalves(JSON.stringify(envelope)).flatMap((step): Step[] => [step, { wait: 2 }]),
      { write: LAST_CHUNK },
    ),
    kept: 'violence',
  },
  'an error body that breaks off in the middle of it': {
    script: answer(
      {
        write:
          head('403 Forbidden', ['content-type: application/json', 'content-length: 5000']) +
          JSON.stringify(envelope).slice(0, JSON.stringify(envelope).indexOf(CANARY) + 14),
      },
      { fin: true },
    ),
    kept: 'No user for ',
  },
  'an error body that breaks off in what was flagged': {
    script: answer(
      {
        write:
          head('403 Forbidden', ['content-type: application/json', 'content-length: 5000']) +
          JSON.stringify(envelope).slice(0, JSON.stringify(envelope).indexOf('canary"')),
      },
      { fin: true },
    ),
    kept: 'metadata',
  },
  text: {
    script: answer({ write: whole(`"Bad" key ${CANARY}!`, ['content-type: text/plain'], '403 Forbidden') }),
    kept: '"Bad" key ',
  },
  'a page of HTML': {
    script: answer({ write: whole(`<html><a href="?key=${CANARY}">in</a></html>`, ['content-type: text/html']) }),
    kept: '>in</a></html>',
  },
  'an error in the stream': {
    script: answer({ write: chunked(delta('Once ') + data({ id: 'x', ...envelope, choices: [] }) + DONE) }),
    kept: 'data: [DONE]',
  },
  'a stream that says it, in pieces': {
    script: answer({ write: SSE_HEAD }, ...inHalves(delta(`The key is ${CANARY}, "Ärger" 🥊.`) + finish() + DONE), {
      write: LAST_CHUNK,
    }),
    kept: 'The key is ',
  },
  'a key with escapes': {
    script: answer({ write: chunked(delta('Once ').replace('Once', escaped) + finish() + DONE) }),
    kept: 'data: [DONE]',
  },
  'bytes that are no text': {
    script: answer({
      write: Buffer.concat([
        Buffer.from(head('403 Forbidden', ['content-length: 40'])),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(CANARY.padEnd(38)),
      ]),
    }),
    kept: ' ',
  },
  headers: {
    script: refuses('503 Service Unavailable', {}, [
      `x-generation-id: ${CANARY}`,
      `retry-after: 0`,
      `set-cookie: session=canary`,
      `x-odd: ${CANARY}`,
    ]),
    kept: '{}',
  },
  'a redirect': {
    script: answer({
      write: head('302 Found', [
        `location: https://evil.example/${encodeURIComponent(CANARY)}?key=${CANARY.replace('c', '%63')}`,
        'content-length: 0',
      ]),
    }),
    kept: '',
  },
};

const SIGNED: Plugin = aPlugin('signing', (host) =>
  host.wrapTransport((inner) => ({
    open: (request, signal, monitor) =>
      inner.open(
        { ...request, headers: { ...request.headers, 'X-Api-Key': 'signed-canary', Cookie: 'session=canary' } },
        signal,
        monitor,
      ),
  })),
);

describe('no cassette holds a secret', () => {
  it.each(Object.keys(CASES))('of %s', async (name) => {
    const { script, kept, input } = CASES[name]!;
    const [file, server] = [aFile(), await scriptServer(script)];
    const run = (key: string) => (pipeline: Pipeline) =>
      courseOf(pipeline, {
        prompt: `My key is ${key}.`,
        overrides: { retry: { maxAttempts: 1 }, continuity: { onBreak: 'fail' } },
        ...input,
      });
    const recorded = await recording({ url: server.url, file }, run(CANARY)).finally(() => server.close());
    expect(server.requests[0]).toContain(`Bearer ${CANARY}`);
    const [text, bytes] = [readFileSync(file, 'utf8'), bytesIn(file).toString()];
    expect(leakIn(text + bytes)).toBeUndefined();
    expect(text.includes('evil.example') || bytes.includes('[secret]') || name === 'headers').toBe(true);
    expect(bytes).toContain(kept);
    // The same kind of answer is still read from it, by one who has another key.
    const replayed = await replaying(file, run('another-key'), {
      config: { plugins: { openrouter: { apiKey: 'another-key' } } },
    });
    expect(replayed.events.map((event) => (event as { type: string }).type)).toEqual(
      recorded.events.map((event) => (event as { type: string }).type),
    );
    expect(replayed.error === undefined).toBe(recorded.error === undefined);
    expect((replayed.error as { code?: string } | undefined)?.code).toBe(
      (recorded.error as { code?: string } | undefined)?.code,
    );
  });

  it('leaves JSON what it was, and every other byte of it', async () => {
    const [file, server] = [aFile(), await scriptServer(refuses('403 Forbidden', envelope))];
    await recording({ url: server.url, file }, (pipeline) => courseOf(pipeline)).finally(() => server.close());
    expect(JSON.parse(bytesIn(file).toString())).toEqual({
      error: {
        code: 403,
        message: 'No user for [secret]',
        metadata: {
          flagged_input: '[secret]',
          reasons: ['violence'],
          raw: '{"error":{"message":"Bearer [secret]","user_id":"[secret]"},"authorization":"[secret]"}',
        },
      },
      user_id: '[secret]',
    });
  });

  it('leaves fields of these names alone where the model has written them', async () => {
    const call = data({
      id: 'x',
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              { index: 0, id: 'c', function: { name: 'find', arguments: '{"user_id":"u-17","api_key":5}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    });
    const [file, server] = [aFile(), await scriptServer(answer({ write: chunked(call + DONE) }))];
    const run = (pipeline: Pipeline) =>
      courseOf(pipeline, {
        prompt: 'Find.',
        providerOptions: {
          openrouter: {
            tools: [
              {
                type: 'function',
                function: { name: 'find', parameters: { properties: { user_id: { type: 'string' } } } },
              },
            ],
          },
        },
      });
    const recorded = await recording({ url: server.url, file }, run).finally(() => server.close());
    expect(recorded.events).toContainEqual(
      expect.objectContaining({ type: 'tool-call', arguments: '{"user_id":"u-17","api_key":5}' }),
    );
    expect(await replaying(file, run)).toEqual(recorded);
    expect(readFileSync(file, 'utf8')).not.toContain('[secret]');
  });

  it('of what a transport further out has put into the headers', async () => {
    const [file, server] = [
      aFile(),
      await scriptServer(refuses('403 Forbidden', { error: { message: 'You are signed-canary with session=canary' } })),
    ];
    await recording({ url: server.url, file }, (pipeline) => courseOf(pipeline), { further: [SIGNED] }).finally(() =>
      server.close(),
    );
    expect(server.requests[0]).toContain('signed-canary');
    expect(leakIn(readFileSync(file, 'utf8'))).toBeUndefined();
  });

  it('in a message of a failure', async () => {
    const failing = aPlugin('failing', (host) =>
      host.wrapTransport(() => ({ open: () => Promise.reject(new Error(`cannot use ${CANARY}`)) })),
    );
    const file = aFile();
    await recording({ url: NOWHERE, file }, (pipeline) => courseOf(pipeline), { plugins: [failing] });
    expect(readFileSync(file, 'utf8')).toContain('cannot use [secret]');
    expect(leakIn(readFileSync(file, 'utf8'))).toBeUndefined();
  });

  it('in an address', async () => {
    const file = aFile();
    const asking = aPlugin('asking', (host) =>
      host.wrapTransport((inner) => ({
        open: (request, signal, monitor) =>
          inner.open({ ...request, url: `${request.url}?key=${CANARY.replace('y', '%79')}&n=1` }, signal, monitor),
      })),
    );
    const run = (pipeline: Pipeline) =>
      courseOf(pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 1 } } });
    const server = await scriptServer(refuses('403 Forbidden'));
    const recorded = await recording({ url: server.url, file }, run, { further: [asking] }).finally(() =>
      server.close(),
    );
    expect(readFileSync(file, 'utf8')).toContain('"path": "/api/v1/chat/completions?key=[secret]&n=1"');
    expect(await replaying(file, run, { further: [asking] })).toEqual(recorded);
  });
});

/** What stands around it: half of it would be a leak too. */
function leakIn(text: string): string | undefined {
  const at = text.indexOf('canary');
  return at < 0 ? undefined : text.slice(Math.max(at - 120, 0), at + 60);
}
