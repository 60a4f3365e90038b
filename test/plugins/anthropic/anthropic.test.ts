import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  COUNTED,
  errorBody,
  errorEvent,
  brokenStream,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
  messageStream,
  PING,
  streams,
  tells,
  textBlock,
  thinkingBlock,
  toolBlock,
  wholeMessage,
} from '../../support/anthropic-wire.js';
import { eventually } from '../../support/eventually.js';
import { failure, success, watch } from '../../support/scene.js';
import { scriptServer } from '../../support/script-server.js';
import type { ScriptServer } from '../../support/script-server.js';
import { chunk, delta, head, SSE_HEAD } from '../../support/wire.js';
import { EVENT_STREAM, inWorld, replies, simulatedServer } from '../../support/simulated-scene.js';
import { simulatedWriter, stopped } from '../../support/simulated-writer.js';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { anthropicProvider, request } from './parts.js';
import { ANTHROPIC_CANARY, anthropicScene, bodyOf } from './scene.js';
import { systemClock } from '../../../src/core/clock.js';
import { questionConnection } from '../../../src/core/question-connection.js';

const others: ScriptServer[] = [];
afterEach(() => Promise.all(others.splice(0).map((server) => server.close())));

describe("an answer of Anthropic's", () => {
  it('comes as a stream', async () => {
    const { server, pipeline, sink } = await anthropicScene([streams(messageStream('Once upon ', 'a time.'))]);
    const { text, end } = await success(pipeline, { prompt: 'Begin.', system: 'You write.' });
    expect({
      text,
      usage: end.usage,
      responseId: end.responseId,
      model: end.model,
      request: end.providerMetadata?.anthropic,
    }).toMatchObject({
      text: 'Once upon a time.',
      usage: COUNTED,
      responseId: 'msg_1',
      model: 'claude-test-1',
      request: { request_id: 'req_head', usage: { input_tokens: 7 } },
    });
    expect(server.requests[0]).toMatch(/^POST \/v1\/messages HTTP/);
    expect(server.requests[0]).toContain(`x-api-key: ${ANTHROPIC_CANARY}`);
    expect(bodyOf(server.requests[0])).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 8192,
      system: 'You write.',
      messages: [{ role: 'user', content: 'Begin.' }],
      temperature: 0.7,
      stream: true,
    });
    expect(sink.attempts).toMatchObject([{ provider: 'anthropic', outcome: 'success', usage: COUNTED }]);
  });

  it('comes whole where that is asked for', async () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'text', text: 'Once.', citations: [{ type: 'char_location', cited_text: 'x' }] },
      { type: 'tool_use', id: 't1', name: 'now', input: {} },
    ];
    const { server, pipeline } = await anthropicScene([tells(wholeMessage(content, { stop_reason: 'tool_use' }))]);
    const { events, end } = await success(pipeline, { prompt: 'Begin.', wire: 'json' });
    expect(bodyOf(server.requests[0]).stream).toBe(false);
    expect(
      events.filter(({ type }) => !['attempt-start', 'response-metadata', 'generation-end'].includes(type)),
    ).toEqual([
      { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 },
      { type: 'text-delta', delta: 'Once.' },
      { type: 'annotation', annotation: { type: 'char_location', cited_text: 'x' } },
      { type: 'reasoning-details', details: content },
      { type: 'tool-call', index: 0, id: 't1', name: 'now', arguments: '{}' },
    ]);
    expect(end).toMatchObject({ finishReason: { unified: 'tool-calls' }, usage: COUNTED });
  });

  it('comes byte by byte', async () => {
    const body =
      messageStart() +
      thinkingBlock(0, 'sig', 'Hm — 🤔') +
      textBlock(1, 'Café ', '🌊.') +
      messageDelta() +
      MESSAGE_STOP;
    const { pipeline } = await anthropicScene([
      [
        { request: true },
        { write: head('200 OK', ['content-type: text/event-stream', 'connection: close']) },
        { slices: body },
        { fin: true },
      ],
    ]);
    expect((await success(pipeline)).text).toBe('Café 🌊.');
  });

  it('ends with its closing event, also where the connection stays open', async () => {
    const { pipeline } = await anthropicScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(messageStream('Once.')) }, { stall: true }]],
      { config: { timeouts: { idleMs: 60_000 } } },
    );
    const { text, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once.', tries: ['ok'] });
  });

  it('is cancelled by leaving, which closes the socket', async () => {
    const { server, pipeline, sink } = await anthropicScene([
      [{ request: true }, { write: SSE_HEAD + chunk(brokenStream('Once upon a time ')) }, { stall: true }],
    ]);
    await new Promise<void>((resolve) => {
      const reading = pipeline.text({ prompt: 'Begin.' }).subscribe(() => {
        reading.unsubscribe();
        resolve();
      });
    });
    await eventually(() => server.openSockets() === 0);
    expect(sink.attempts).toMatchObject([
      { outcome: 'cancelled', responseId: 'msg_1', usage: { inputTokens: 127, outputTokens: 5, source: 'estimated' } },
    ]);
  });

  it('is asked for only of another instance where that is named', async () => {
    const { server, pipeline } = await anthropicScene([streams(messageStream('Once.'))], { options: { id: 'claude' } });
    const { end } = await success(pipeline, {
      prompt: 'Begin.',
      providerOptions: { claude: { service_tier: 'standard_only' } },
    });
    expect([end.provider, Object.keys(end.providerMetadata ?? {}), bodyOf(server.requests[0]).service_tier]).toEqual([
      'claude',
      ['claude'],
      'standard_only',
    ]);
  });
});

describe('what a request cannot say to a model', () => {
  it('is told once for each model', async () => {
    const { provider, warnings } = await anthropicProvider({ baseUrl: 'http://127.0.0.1:1' });
    const ask = (model: string) =>
      new Promise<void>((resolve) => {
        const open = () => Promise.reject(new Error('nobody'));
        provider
          .generate(request({ model, temperature: 0.7 }), questionConnection(open, systemClock))
          .subscribe({ error: () => resolve() });
      });
    for (const model of ['claude-opus-5', 'claude-opus-5', 'claude-sonnet-4-5', 'claude-opus-4-8']) await ask(model);
    expect(warnings).toEqual(
      ['claude-opus-5', 'claude-opus-4-8'].map(
        (model) => `Anthropic's ${model}: left out temperature (the model refuses it).`,
      ),
    );
  });

  it('ends a generation before anything is sent where it would mean something else', async () => {
    const { server, pipeline, sink } = await anthropicScene([streams(messageStream('Once.'))]);
    const { error } = await failure(pipeline, { prompt: 'Begin.', temperature: 1.5 });
    expect([error.code, server.connections]).toEqual(['bad-request', 0]);
    expect(sink.attempts).toMatchObject([{ sent: false, usage: { costUsd: 0 } }]);
  });
});

describe("a failure of Anthropic's", () => {
  it.each([
    ['by its status', tells(errorBody('overloaded_error', 'Overloaded'), '529 Overloaded')],
    [
      'before the first word of a stream',
      streams(messageStart() + PING + errorEvent('overloaded_error', 'Overloaded')),
    ],
    ['in a whole answer', tells(errorBody('overloaded_error', 'Overloaded'))],
  ])('is tried again where it is overloaded, %s', async (_where, script) => {
    const { pipeline } = await anthropicScene([script, streams(messageStream('Once.'))]);
    const { text, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once.', tries: ['overloaded', 'ok'] });
  });

  it(
    'is waited out where a limit says when it begins anew',
    inWorld(async (world) => {
      const resetAt = new Date(world.now() + 60_000);
      const server = simulatedServer(world, [
        replies(429, errorBody('rate_limit_error', 'slow down'), {
          'anthropic-ratelimit-requests-remaining': '0',
          'anthropic-ratelimit-requests-reset': resetAt.toISOString(),
        }),
        async (_, exchange) => {
          exchange.open(200, EVENT_STREAM);
          await exchange.end(messageStream('Once.'));
        },
      ]);
      const { process, sink } = await simulatedWriter(world, ['https://nobody.test'], {
        plugins: [anthropic({ apiKey: ANTHROPIC_CANARY, baseUrl: server.url })],
        config: { defaults: { provider: 'anthropic', model: 'claude-sonnet-4-5' } },
      });
      const { result, events } = process.pipeline.start({ prompt: 'Begin.' });
      const waits: number[] = [];
      events.subscribe((event) => event.type === 'waiting' && waits.push(event.untilMs ?? 0));
      expect((await result).text).toBe('Once.');
      expect(waits).toEqual([resetAt.getTime()]);
      expect(world.now()).toBeGreaterThan(resetAt.getTime());
      expect(sink.attempts.map(({ errorCode }) => errorCode)).toEqual(['rate-limit', undefined]);
      await stopped(world, process);
    }),
  );

  it('holds no key, whatever the vendor repeats', async () => {
    const { pipeline } = await anthropicScene([
      tells(errorBody('authentication_error', `invalid x-api-key ${ANTHROPIC_CANARY}`), '401 Unauthorized'),
    ]);
    const { error } = await failure(pipeline);
    expect(error.code).toBe('authentication');
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain(ANTHROPIC_CANARY);
  });
});

describe('a conversation with tools', () => {
  it('takes thoughts and calls of one answer back unmodified in the next', async () => {
    const thought = { type: 'thinking', thinking: 'I look.', signature: 'sig-1' };
    const first =
      messageStart() +
      thinkingBlock(0, 'sig-1', 'I ', 'look.') +
      textBlock(1, 'A moment.') +
      toolBlock(2, { id: 'toolu_1', name: 'weather' }, '{"in":', '"Oslo"}') +
      messageDelta('tool_use') +
      MESSAGE_STOP;
    const { server, pipeline } = await anthropicScene([streams(first), streams(messageStream('Rain.'))]);
    const asked = { role: 'user', content: 'How is the weather?' } as const;
    const tools = [{ name: 'weather', parameters: { type: 'object', properties: { in: { type: 'string' } } } }];
    const reasoning = { maxTokens: 2000 };
    const { text, toolCalls, reasoningDetails } = await pipeline.generate({ messages: [asked], tools, reasoning });
    const { text: answer } = await pipeline.generate({
      messages: [
        asked,
        { role: 'assistant', content: text, toolCalls, reasoningDetails },
        { role: 'tool', toolCallId: 'toolu_1', content: 'rain' },
      ],
      tools,
      reasoning,
    });
    expect(answer).toBe('Rain.');
    expect(bodyOf(server.requests[1])).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 2000 },
      messages: [
        asked,
        {
          role: 'assistant',
          content: [
            thought,
            { type: 'text', text: 'A moment.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { in: 'Oslo' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' }] },
      ],
    });
  });
});

describe('a text that breaks off', () => {
  const TEXT = 'Once upon a time there was a city by the sea, and nobody in it had ever seen a ship. Then one came.';
  const before = TEXT.slice(0, 60);
  // A prefill ends without white space, so the model begins with it.
  const after = TEXT.slice(before.trimEnd().length);
  const cut = [{ request: true }, { write: SSE_HEAD + chunk(brokenStream(before)) }, { rst: true }] as const;

  it('goes on at the very character by a model that knows a prefill', async () => {
    const { server, pipeline, sink } = await anthropicScene([cut, streams(messageStream(after))]);
    const { text, tries, events } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: TEXT, tries: ['connection', 'ok'] });
    expect(events.filter(({ type }) => type === 'continuation')).toHaveLength(1);
    expect(bodyOf(server.requests[1]).messages).toEqual([
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: before.trimEnd() },
    ]);
    // The count of the head is no last word: the text that has come is estimated.
    expect(sink.attempts[0]?.usage).toEqual({ ...COUNTED, outputTokens: 15, source: 'estimated' });
  });

  it('goes on after an error in the stream', async () => {
    const { pipeline } = await anthropicScene([
      streams(brokenStream(before) + errorEvent('overloaded_error', 'Overloaded')),
      streams(messageStream(after)),
    ]);
    const { text, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: TEXT, tries: ['overloaded', 'ok'] });
  });

  it('goes on by instruction with a model from 4.6 on, which may begin again to bring the last words back', async () => {
    const { server, pipeline } = await anthropicScene([cut, streams(messageStream(TEXT))], {
      config: { defaults: { model: 'claude-opus-4-6' } },
    });
    const { text } = await success(pipeline);
    const { messages } = bodyOf(server.requests[1]) as {
      readonly messages: readonly { readonly role: string; readonly content: string }[];
    };
    expect(text).toBe(TEXT);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(before.startsWith(messages[1]!.content)).toBe(true);
  });

  it("goes on from OpenRouter's text", async () => {
    const openrouter = await scriptServer([
      { request: true },
      { write: SSE_HEAD + chunk(delta(before)) },
      { rst: true },
    ]);
    others.push(openrouter);
    const { server, pipeline } = await anthropicScene([streams(messageStream(after))], {
      openrouter,
      config: {
        defaults: { provider: 'openrouter', model: 'a/model' },
        routes: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }],
      },
    });
    const { text, end, events } = await success(pipeline);
    expect({ text, by: end.attempts!.map(({ provider }) => provider) }).toEqual({
      text: TEXT,
      by: ['openrouter', 'openrouter', 'anthropic'],
    });
    expect(events.find(({ type }) => type === 'continuation')).toMatchObject({
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
    });
    expect(bodyOf(server.requests[0]).messages).toEqual([
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: before.trimEnd() },
    ]);
  });

  it('is not gone on with where a call is open', async () => {
    const { pipeline } = await anthropicScene([
      [
        { request: true },
        {
          write:
            SSE_HEAD + chunk(messageStart() + textBlock(0, 'I look. ') + toolBlock(1, { id: 't', name: 'f' }, '{"a"')),
        },
        { rst: true },
      ],
    ]);
    const { error, text } = await watch(pipeline);
    expect({ code: error?.code, open: error?.partial?.toolCallsOpen, text }).toEqual({
      code: 'interrupted',
      open: true,
      text: 'I look. ',
    });
  });
});

describe("the catalogue of Anthropic's models", () => {
  it('is read to its last page', async () => {
    const { server, pipeline } = await anthropicScene([
      tells({
        data: [
          {
            type: 'model',
            id: 'claude-opus-5',
            display_name: 'Claude Opus 5',
            max_input_tokens: 1_000_000,
            max_tokens: 128_000,
          },
          { no: 'id' },
        ],
        has_more: true,
        last_id: 'claude-opus-5',
      }),
      tells({ data: [{ type: 'model', id: 'claude-old' }], has_more: false, last_id: 'claude-old' }),
    ]);
    expect(await pipeline.models('anthropic')).toEqual([
      { id: 'claude-opus-5', name: 'Claude Opus 5', contextLength: 1_000_000, maxOutputTokens: 128_000 },
      { id: 'claude-old' },
    ]);
    expect(server.requests.map((sent) => sent.split(' ', 2)[1])).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000&after_id=claude-opus-5',
    ]);
  });

  it('is an error where the key is refused', async () => {
    const { pipeline } = await anthropicScene([
      tells(errorBody('authentication_error', 'invalid x-api-key'), '401 Unauthorized'),
    ]);
    await expect(pipeline.models('anthropic')).rejects.toMatchObject({ code: 'authentication' });
  });
});
