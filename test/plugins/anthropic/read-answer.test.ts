import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import {
  block,
  blockDelta,
  brokenStream,
  COUNTED,
  errorEvent,
  event,
  MESSAGE_STOP,
  MESSAGE_USAGE,
  messageDelta,
  messageStart,
  messageStream,
  PING,
  textBlock,
  textDelta,
  thinkingBlock,
  toolBlock,
} from '../../support/anthropic-wire.js';
import { outcomeOf, read } from './parts.js';

const EARLY = { ...COUNTED, outputTokens: 1, source: 'estimated' };
const endOf = (events: readonly GenerationEvent[]) => events.find((found) => found.type === 'generation-end');
const typesOf = (events: readonly GenerationEvent[]): readonly string[] => events.map(({ type }) => type);

/** Every kind of event that the API has, and some that it has not. */
const EVERYTHING = [
  messageStart({ container: { id: 'c1' } }),
  PING,
  thinkingBlock(0, 'sig-1', 'Hm', ' — 🤔'),
  block(1, { type: 'redacted_thinking', data: 'secret' }),
  block(
    2,
    { type: 'server_tool_use', id: 'srv1', name: 'web_search', input: {} },
    { type: 'input_json_delta', partial_json: '{"query":' },
    { type: 'input_json_delta', partial_json: '"Oslo"}' },
  ),
  block(3, {
    type: 'web_search_tool_result',
    tool_use_id: 'srv1',
    content: [{ type: 'web_search_result', url: 'https://x.example' }],
  }),
  event({ type: 'content_block_start', index: 4, content_block: { type: 'text', text: '' } }),
  blockDelta(4, textDelta('Caf')),
  PING,
  blockDelta(4, textDelta('é 🌊.')),
  blockDelta(4, {
    type: 'citations_delta',
    citation: { type: 'web_search_result_location', url: 'https://x.example', cited_text: 'rain' },
  }),
  blockDelta(4, { type: 'new_delta', more: 1 }),
  event({ type: 'content_block_stop', index: 4 }),
  event({ type: 'new_event', text: 'not for us' }),
  toolBlock(5, { id: 'toolu_1', name: 'weather' }, '{"in":', '"Oslo"}'),
  toolBlock(6, { id: 'toolu_2', name: 'now' }, ''),
  event({
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
    usage: { output_tokens: 5, output_tokens_details: { thinking_tokens: 3 } },
    context_management: { applied_edits: [] },
  }),
  MESSAGE_STOP,
];

describe('a stream of messages', () => {
  it('gives the events of all its kinds, and keeps what it does not know', async () => {
    const { events, failure } = await read(EVERYTHING.join(''));
    const usage = { ...COUNTED, reasoningTokens: 3 };
    expect(failure).toBeUndefined();
    expect(events).toEqual([
      { type: 'response-metadata', responseId: 'msg_1', usage: EARLY },
      { type: 'reasoning-delta', delta: 'Hm', attempt: 0 },
      { type: 'reasoning-delta', delta: ' — 🤔', attempt: 0 },
      { type: 'text-delta', delta: 'Caf' },
      { type: 'text-delta', delta: 'é 🌊.' },
      {
        type: 'annotation',
        annotation: { type: 'web_search_result_location', url: 'https://x.example', cited_text: 'rain' },
      },
      { type: 'response-metadata', toolCallsOpen: true },
      { type: 'response-metadata', responseId: 'msg_1', usage },
      {
        type: 'warning',
        about: 'dialect',
        message:
          '"anthropic" sent what Scriptorium does not know: the delta "new_delta", the event "new_event". The result has it as it came (providerMetadata, reasoningDetails).',
      },
      {
        type: 'reasoning-details',
        details: [
          { type: 'thinking', thinking: 'Hm — 🤔', signature: 'sig-1' },
          { type: 'redacted_thinking', data: 'secret' },
          { type: 'server_tool_use', id: 'srv1', name: 'web_search', input: { query: 'Oslo' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srv1',
            content: [{ type: 'web_search_result', url: 'https://x.example' }],
          },
          {
            type: 'text',
            text: 'Café 🌊.',
            citations: [{ type: 'web_search_result_location', url: 'https://x.example', cited_text: 'rain' }],
            more: 1,
          },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { in: 'Oslo' } },
          { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
        ],
      },
      { type: 'tool-call', index: 0, id: 'toolu_1', name: 'weather', arguments: '{"in":"Oslo"}' },
      { type: 'tool-call', index: 1, id: 'toolu_2', name: 'now', arguments: '{}' },
      {
        type: 'generation-end',
        finishReason: { unified: 'tool-calls', raw: 'tool_use' },
        usage,
        servedFrom: 'provider',
        provider: 'anthropic',
        model: 'claude-test-1',
        responseId: 'msg_1',
        providerMetadata: {
          anthropic: {
            container: { id: 'c1' },
            context_management: { applied_edits: [] },
            events: [{ type: 'new_event', text: 'not for us' }],
            usage: { ...MESSAGE_USAGE, output_tokens_details: { thinking_tokens: 3 } },
            blocks: [
              { type: 'server_tool_use', id: 'srv1', name: 'web_search', input: { query: 'Oslo' } },
              {
                type: 'web_search_tool_result',
                tool_use_id: 'srv1',
                content: [{ type: 'web_search_result', url: 'https://x.example' }],
              },
            ],
          },
        },
      },
    ]);
  });

  it.each([1, 2, 3, 7, 64])('gives the same events where it comes %d bytes at a time', async (size) => {
    const bytes = Buffer.from(EVERYTHING.join(''));
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(await outcomeOf(pieces)).toEqual(await outcomeOf([bytes]));
  });

  it('is whole with its stop reason, and cut after any event before it a failure that gives a first part of its events', async () => {
    const whole = (await read(EVERYTHING.join(''))).events;
    for (let count = 0; count <= EVERYTHING.length; count += 1) {
      const { events, failure } = await read(EVERYTHING.slice(0, count).join(''));
      const isWhole = count >= EVERYTHING.length - 1;
      // A head, pings and the vendor's own tools are no words yet.
      const code = isWhole ? undefined : count < 3 ? 'empty-answer' : 'truncated';
      expect({
        count,
        code: failure?.code,
        isRetryable: failure?.retryable,
        hasEnd: endOf(events) !== undefined,
      }).toEqual({ count, code, isRetryable: isWhole ? undefined : true, hasEnd: isWhole });
      expect(events).toEqual(whole.slice(0, events.length));
    }
  });

  it('is not whole by its closing event alone', async () => {
    const { events, failure } = await read(messageStart() + textBlock(0, 'Once.') + MESSAGE_STOP);
    expect([failure?.code, endOf(events)]).toEqual(['truncated', undefined]);
  });

  it('is not whole if it goes on after it has named a reason to stop', async () => {
    expect(
      (
        await read(
          messageStart() +
            textBlock(0, 'Once.') +
            messageDelta() +
            event({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: ' More' } }),
        )
      ).failure?.code,
    ).toBe('truncated');
  });

  it('is read no further than its closing event', async () => {
    const { events, failure } = await read(
      messageStream('Once.') + 'data: [DONE]\n\n' + errorEvent('api_error', 'too late'),
    );
    expect(failure).toBeUndefined();
    expect(typesOf(events)).toEqual(['response-metadata', 'text-delta', 'response-metadata', 'generation-end']);
  });

  it('may have lost the names of its events, and the head may come twice', async () => {
    const named = messageStart() + messageStart() + textBlock(0, 'Once.') + messageDelta() + MESSAGE_STOP;
    const { events } = await read(named.replaceAll(/^event: .*\n/gm, ''));
    expect(events.filter(({ type }) => type !== 'response-metadata')).toEqual(
      (await read(messageStream('Once.'))).events.filter(({ type }) => type !== 'response-metadata'),
    );
  });

  it('may bring its content and its end in the head', async () => {
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'find', input: { id: 7 } }];
    const { events } = await read(messageStart({ content, stop_reason: 'tool_use' }) + MESSAGE_STOP);
    expect(events.slice(-2)).toMatchObject([
      { type: 'tool-call', arguments: '{"id":7}' },
      { finishReason: { unified: 'tool-calls' } },
    ]);
  });

  it('never cuts a character in two', async () => {
    const [high, low] = ['🌊'.slice(0, 1), '🌊'.slice(1)];
    const { events } = await read(
      messageStart() +
        block(0, { type: 'text', text: '' }, textDelta(`a${high}`), textDelta(`${low}b`)) +
        messageDelta() +
        MESSAGE_STOP,
    );
    expect(events.filter(({ type }) => type === 'text-delta')).toEqual([
      { type: 'text-delta', delta: 'a' },
      { type: 'text-delta', delta: '🌊b' },
    ]);
  });
});

describe('the end of an answer', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['new_reason', 'other'],
  ])('%s is %s', async (raw, unified) => {
    const { events } = await read(messageStart() + textBlock(0, 'Once.') + messageDelta(raw) + MESSAGE_STOP);
    expect(endOf(events)?.finishReason).toEqual({ unified, raw });
  });

  it('tells which words stopped it, and why it was refused', async () => {
    const { events } = await read(
      messageStart() +
        textBlock(0, 'Once.') +
        messageDelta('refusal', MESSAGE_USAGE, {
          stop_sequence: 'END',
          stop_details: { type: 'refusal', category: 'bio' },
        }) +
        MESSAGE_STOP,
    );
    expect(endOf(events)?.providerMetadata).toEqual({
      anthropic: { stop_sequence: 'END', stop_details: { type: 'refusal', category: 'bio' }, usage: MESSAGE_USAGE },
    });
  });

  it.each([
    ['end_turn', 'empty-answer', true],
    ['max_tokens', 'empty-answer', false],
    ['refusal', 'content-filter', false],
  ])('without a word is a failure: %s is %s', async (reason, code, retryable) => {
    expect(
      (await read(messageStart() + thinkingBlock(0, 'sig', 'Hm.') + messageDelta(reason) + MESSAGE_STOP)).failure,
    ).toMatchObject({ code, retryable });
  });

  it('without a word is no failure where it goes on from a text', async () => {
    const continuation = {
      text: 'Once ',
      anchor: 'more',
      instruction: 'Go on.',
      reason: 'interrupted',
      byInstruction: false,
    } as const;
    expect(typesOf((await read(messageStart() + messageDelta() + MESSAGE_STOP, { continuation })).events)).toContain(
      'generation-end',
    );
  });

  it('drops a call that the token cap has cut', async () => {
    const calls = toolBlock(0, { id: 't1', name: 'f' }, '{"a":1}') + toolBlock(1, { id: 't2', name: 'g' }, '{"b":');
    const { events } = await read(messageStart() + calls + messageDelta('max_tokens') + MESSAGE_STOP);
    expect(events.filter(({ type }) => type === 'tool-call')).toMatchObject([{ id: 't1' }]);
  });
});

describe('the usage of an answer', () => {
  const usageOf = async (start: object, ...deltas: readonly string[]) =>
    endOf((await read(messageStart({ usage: start }) + textBlock(0, 'Once.') + deltas.join('') + MESSAGE_STOP)).events)
      ?.usage;

  it('is cumulative: the last count of each kind holds', async () => {
    expect(
      await usageOf(
        { input_tokens: 43, output_tokens: 1 },
        messageDelta(null, { output_tokens: 9 }),
        messageDelta('end_turn', { input_tokens: 61, output_tokens: 12, cache_read_input_tokens: null }),
      ),
    ).toEqual({ inputTokens: 61, outputTokens: 12, source: 'reported' });
  });

  it('counts what a cache gave and took as input', async () => {
    expect(
      await usageOf(
        { input_tokens: 3, cache_read_input_tokens: 1000, output_tokens: 1 },
        messageDelta('end_turn', { output_tokens: 4 }),
      ),
    ).toEqual({ inputTokens: 1003, cachedInputTokens: 1000, outputTokens: 4, source: 'reported' });
  });

  it('is an estimate where the last count is missing', async () => {
    expect((await usageOf({ input_tokens: 3, output_tokens: 1 }, messageDelta('end_turn', null)))?.source).toBe(
      'estimated',
    );
  });
});

describe('an error in the middle of a stream', () => {
  it.each([
    ['overloaded_error', 'Overloaded', 'overloaded', 529, true],
    ['api_error', 'Internal server error', 'server-error', 500, true],
    ['timeout_error', 'Timed out', 'server-error', 504, true],
    ['rate_limit_error', 'Slow down', 'rate-limit', 429, true],
    ['invalid_request_error', 'Bad', 'bad-request', 400, false],
    ['new_error', 'Odd', 'server-error', 500, true],
  ])('%s ends it', async (...[type, message, code, status, retryable]) => {
    const { events, failure } = await read(brokenStream('Once ') + errorEvent(type, message));
    expect(failure).toMatchObject({
      code,
      status,
      retryable,
      message: `Anthropic answered ${status}: ${message} (request req_1)`,
    });
    expect(typesOf(events)).toEqual(['response-metadata', 'text-delta']);
  });

  it('is none once the token cap has ended the text', async () => {
    const { events, failure } = await read(
      messageStart() + textBlock(0, 'Once.') + messageDelta('max_tokens') + errorEvent('api_error', 'late'),
    );
    expect([failure, endOf(events)?.finishReason.unified]).toEqual([undefined, 'length']);
  });

  it('may be of another shape', async () => {
    expect((await read(`${brokenStream('Once ')}data: {"error":"no upstream"}\n\n`)).failure).toMatchObject({
      code: 'server-error',
      message: 'Anthropic answered 500: no upstream',
    });
  });

  it('may be something that is no event', async () => {
    expect((await read(`${brokenStream('Once ')}data: [1]\n\n`)).failure?.code).toBe('malformed-answer');
  });
});
