import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import type { AssistantMessage } from 'scriptorium/provider';
import {
  block,
  blockDelta,
  event,
  MESSAGE_STOP,
  MESSAGE_USAGE,
  messageDelta,
  messageStart,
  textBlock,
  textDelta,
  thinkingBlock,
  toolBlock,
} from '../../support/anthropic-wire.js';
import { encoded, outcomeOf, read } from './parts.js';

const detailsOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((found) => (found.type === 'reasoning-details' ? found.details : []));
const warningsOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((found) => (found.type === 'warning' ? [found.message] : []));
const endOf = (events: readonly GenerationEvent[]) => events.find((found) => found.type === 'generation-end');

/** The answer of a result, as a program sends it back. */
function asMessage(events: readonly GenerationEvent[]): AssistantMessage {
  return {
    role: 'assistant',
    content: events.map((found) => (found.type === 'text-delta' ? found.delta : '')).join(''),
    reasoningDetails: detailsOf(events),
    toolCalls: events.flatMap((found) => (found.type === 'tool-call' ? [found] : [])),
  };
}

function sentBack(message: AssistantMessage): unknown {
  const messages = [{ role: 'user', content: 'Ask.' }, message, { role: 'user', content: 'And?' }] as const;
  return (encoded({ messages }).body.messages as readonly { readonly content: unknown }[])[1]?.content;
}

const SEARCH = { type: 'server_tool_use', id: 's1', name: 'web_search' };
const RESULT = { type: 'web_search_tool_result', tool_use_id: 's1', content: [{ url: 'https://x.example' }] };
const CITATION = { type: 'web_search_result_location', url: 'https://x.example', encrypted_index: 'e' };

const ANSWERS: readonly (readonly [string, string, readonly object[], string])[] = [
  [
    'a summary of the conversation',
    block(
      0,
      { type: 'compaction', content: null },
      { type: 'compaction_delta', content: 'They spoke ' },
      { type: 'compaction_delta', content: 'of the sea.', encrypted_content: 'e==' },
    ) + textBlock(1, 'Once.'),
    [
      { type: 'compaction', content: 'They spoke of the sea.', encrypted_content: 'e==' },
      { type: 'text', text: 'Once.' },
    ],
    'end_turn',
  ],
  [
    "a search of the vendor's own, between two texts",
    textBlock(0, 'I look.') +
      block(1, { ...SEARCH, input: {} }, { type: 'input_json_delta', partial_json: '{"q":"sea"}' }) +
      block(2, RESULT) +
      block(
        3,
        { type: 'text', text: '' },
        textDelta('It is '),
        { type: 'citations_delta', citation: CITATION },
        textDelta('calm.'),
      ),
    [
      { type: 'text', text: 'I look.' },
      { ...SEARCH, input: { q: 'sea' } },
      RESULT,
      { type: 'text', text: 'It is calm.', citations: [CITATION] },
    ],
    'end_turn',
  ],
  [
    'a call that says who makes it',
    thinkingBlock(0, 'sig', 'Hm.') +
      block(
        1,
        {
          type: 'tool_use',
          id: 't1',
          name: 'f',
          input: {},
          caller: { type: 'code_execution_20260120', tool_id: 's1' },
        },
        { type: 'input_json_delta', partial_json: '{"a":1}' },
      ),
    [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      {
        type: 'tool_use',
        id: 't1',
        name: 'f',
        input: { a: 1 },
        caller: { type: 'code_execution_20260120', tool_id: 's1' },
      },
    ],
    'tool_use',
  ],
  [
    'thoughts between two texts',
    textBlock(0, 'One.') + thinkingBlock(1, 'sig', 'Hm.') + textBlock(2, ' Two.'),
    [
      { type: 'text', text: 'One.' },
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'text', text: ' Two.' },
    ],
    'end_turn',
  ],
  [
    'a block and a delta of tomorrow',
    block(
      0,
      { type: 'sketch', lines: [] },
      { type: 'sketch_delta', lines: [1] },
      { type: 'sketch_delta', lines: [2], title: 'Sea' },
    ) + textBlock(1, 'Once.'),
    [
      { type: 'sketch', lines: [1, 2], title: 'Sea' },
      { type: 'text', text: 'Once.' },
    ],
    'end_turn',
  ],
];

describe('blocks beside a text', () => {
  it.each(ANSWERS)('come out, and go back in as they came: %s', async (...[, body, blocks, reason]) => {
    const { events, failure } = await read(messageStart() + body + messageDelta(reason) + MESSAGE_STOP);
    expect(failure).toBeUndefined();
    expect(detailsOf(events)).toEqual(blocks);
    expect(sentBack(asMessage(events))).toEqual(blocks);
  });

  it.each(ANSWERS)('are the same however the bytes are cut: %s', async (...[, body, , reason]) => {
    const bytes = Buffer.from(messageStart() + body + messageDelta(reason) + MESSAGE_STOP);
    const pieces = Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
    expect(await outcomeOf(pieces)).toEqual(await outcomeOf([bytes]));
  });

  it('are not sent back apart from their thoughts, where text and calls tell all', async () => {
    const body = thinkingBlock(0, 'sig', 'Hm.') + textBlock(1, 'I look.') + toolBlock(2, { id: 't1', name: 'f' }, '{}');
    const { events } = await read(messageStart() + body + messageDelta('tool_use') + MESSAGE_STOP);
    expect(detailsOf(events)).toEqual([{ type: 'thinking', thinking: 'Hm.', signature: 'sig' }]);
  });

  it('go back beside a text that was changed since', async () => {
    const [, body] = ANSWERS[1]!;
    const { events } = await read(messageStart() + body + messageDelta() + MESSAGE_STOP);
    expect(sentBack({ ...asMessage(events), content: 'It is wild.' })).toEqual([
      { ...SEARCH, input: { q: 'sea' } },
      RESULT,
      { type: 'text', text: 'It is wild.' },
    ]);
  });

  it("of other vendors' answers do not go to Anthropic", () => {
    const reasoningDetails = [
      { type: 'thinking', thinking: [{ type: 'text', text: "Mistral's" }] },
      { type: 'reasoning.text', text: "OpenRouter's" },
    ];
    expect(sentBack({ role: 'assistant', content: 'Once.', reasoningDetails })).toBe('Once.');
  });

  it('lose a call that the token cap has cut', async () => {
    const body = block(0, { type: 'sketch' }) + toolBlock(1, { id: 't1', name: 'f' }, '{"a":');
    const { events } = await read(messageStart() + body + messageDelta('max_tokens') + MESSAGE_STOP);
    expect(detailsOf(events)).toEqual([{ type: 'sketch' }]);
  });
});

describe('an answer without text is not empty, if it has', () => {
  it.each([
    ["a search of the vendor's own", block(0, { ...SEARCH, input: {} }), 'pause_turn'],
    ['a summary of the conversation', block(0, { type: 'compaction', content: 'They spoke.' }), 'compaction'],
    ['a block of tomorrow', block(0, { type: 'sketch', lines: [1] }), 'end_turn'],
  ])('%s', async (_, body, reason) => {
    const { events, failure } = await read(messageStart() + body + messageDelta(reason) + MESSAGE_STOP);
    expect(failure).toBeUndefined();
    expect(endOf(events)?.providerMetadata?.anthropic).toMatchObject({ blocks: detailsOf(events) });
  });

  it('but an event of tomorrow alone is not understood', async () => {
    const { failure } = await read(
      messageStart() + event({ type: 'sketch', lines: [1] }) + messageDelta() + MESSAGE_STOP,
    );
    expect(failure).toMatchObject({
      code: 'malformed-answer',
      message: 'The answer has nothing but parts that Scriptorium does not know: the event "sketch".',
    });
  });
});

describe('what is not known', () => {
  it('is named once', async () => {
    const body =
      block(0, { type: 'sketch' }, { type: 'sketch_delta', a: 1 }, { type: 'sketch_delta', a: 2 }) +
      textBlock(1, 'Once.');
    const { events } = await read(messageStart() + body + messageDelta() + MESSAGE_STOP);
    expect(warningsOf(events)).toEqual([
      '"anthropic" sent what Scriptorium does not know: the block "sketch", the delta "sketch_delta". The result has it as it came (providerMetadata, reasoningDetails).',
    ]);
  });

  it.each([
    ['a block that is a text', event({ type: 'content_block_start', index: 0, content_block: 'Once.' })],
    ['a delta that is a text', blockDelta(0, 'Once.' as never)],
  ])('is malformed where it may hide text: %s', async (_, body) => {
    expect((await read(messageStart() + body)).failure?.code).toBe('malformed-answer');
  });

  it.each([
    ['END_TURN', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['stop', 'stop'],
    ['compaction', 'other'],
  ])('is not the word of a gateway for the end: %s is %s', async (raw, unified) => {
    const { events } = await read(messageStart() + textBlock(0, 'Once.') + messageDelta(raw) + MESSAGE_STOP);
    expect(endOf(events)?.finishReason).toEqual({ unified, raw });
  });
});

describe('the usage at the end of a stream', () => {
  const usageOf = async (usage: object) =>
    endOf(
      (await read(messageStart() + textBlock(0, 'Once.') + messageDelta('end_turn', usage as never) + MESSAGE_STOP))
        .events,
    );

  it('has all that the API tells, in its shape', async () => {
    const usage = {
      ...MESSAGE_USAGE,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 0 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 2 },
      output_tokens_details: { thinking_tokens: 3 },
      service_tier: 'standard',
      inference_geo: 'global',
      speed: 'fast',
    };
    const end = await usageOf(usage);
    expect(end?.usage).toEqual({
      inputTokens: 127,
      outputTokens: 5,
      cachedInputTokens: 100,
      cacheWriteTokens: 20,
      reasoningTokens: 3,
      source: 'reported',
    });
    expect(end?.providerMetadata).toEqual({ anthropic: { usage, stop_sequence: undefined } });
  });

  it('counts the steps that made a conversation shorter, which are billed and stand in no sum', async () => {
    const steps = [
      { type: 'compaction', input_tokens: 180_000, output_tokens: 3_500 },
      { type: 'message', input_tokens: 23_000, output_tokens: 1_000, cache_read_input_tokens: 400 },
    ];
    const counts = { input_tokens: 23_000, output_tokens: 1_000, cache_read_input_tokens: 400 };
    expect((await usageOf({ ...counts, cache_creation_input_tokens: 0, iterations: steps }))?.usage).toMatchObject({
      inputTokens: 203_400,
      outputTokens: 4_500,
      cachedInputTokens: 400,
      source: 'reported',
    });
  });

  it('is never less than the sum that the API gives, and refuses a step that cannot be true', async () => {
    const step = { type: 'message', input_tokens: 1, output_tokens: 1 };
    expect((await usageOf({ ...MESSAGE_USAGE, iterations: [step] }))?.usage).toMatchObject({
      inputTokens: 127,
      outputTokens: 5,
    });
    expect((await usageOf({ ...MESSAGE_USAGE, iterations: [{ ...step, input_tokens: -1 }] }))?.usage.source).toBe(
      'rejected',
    );
  });
});
