import { finish, messages, piece, stream, usageChunk } from './fixture.js';
import type { Fixture } from './fixture.js';

const ENDED = { text: 'The sea was calm.', finish: ['stop', 'stop'] } as const;
const PIECES = [piece({ role: 'assistant', content: 'The sea ' }), piece({ content: 'was calm.' })];
const CITATION = { type: 'url_citation', url_citation: { url: 'https://x.example', title: 'X' } };

/** OpenRouter's answers. */
export const OPENROUTER_FIXTURES: readonly Fixture[] = [
  stream(
    {
      server: 'openrouter',
      title: 'thoughts in `reasoning`, and in `reasoning_details` as they have to be sent back',
      comesOut: 'reasoning; `reasoningDetails`, joined',
      outcome: {
        ...ENDED,
        thought: 'Hm.',
        details: [{ type: 'reasoning.text', index: 0, text: 'Hm.', signature: 'sig' }],
      },
    },
    piece({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'Hm' }] }),
    piece({ reasoning: '.', reasoning_details: [{ type: 'reasoning.text', index: 0, text: '.' }] }),
    piece({ reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'sig' }] }),
    ...PIECES,
    finish('stop'),
  ),
  stream(
    {
      server: 'openrouter',
      title: "the vendor's own word as `native_finish_reason`; the cost in the usage",
      comesOut: 'the raw word of the finish reason; counted',
      outcome: {
        ...ENDED,
        finish: ['stop', 'STOP'],
        usage: { inputTokens: 9, outputTokens: 4, costUsd: 0.01, source: 'reported' },
      },
    },
    ...PIECES,
    piece({}, { finish_reason: 'stop', native_finish_reason: 'STOP' }),
    usageChunk({ prompt_tokens: 9, completion_tokens: 4, cost: 0.01 }),
  ),
  stream(
    {
      server: 'openrouter',
      title: '`images` and `annotations` in deltas',
      comesOut: 'events, `result.images` and `result.annotations`',
      outcome: { ...ENDED, images: ['data:image/png;base64,AAAA'], annotations: [CITATION] },
    },
    ...PIECES,
    piece({
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
      annotations: [CITATION],
    }),
    finish('stop'),
  ),
  stream(
    {
      server: 'openrouter',
      title: 'an error as a chunk of the stream, with status 200',
      comesOut: 'the error, after the text that had come',
      outcome: { text: 'The sea ', failure: 'overloaded' },
    },
    PIECES[0]!,
    piece({ content: '' }, { finish_reason: 'error' }, { error: { code: 503, message: 'Provider disconnected' } }),
  ),
];

const HEAD = { type: 'message', id: 'msg_1', role: 'assistant', model: 'a-model', content: [], stop_reason: null };
const START = { type: 'message_start', message: { ...HEAD, usage: { input_tokens: 9, output_tokens: 1 } } };
const CLOSE = { type: 'message_stop' };
const COUNTED = { inputTokens: 9, outputTokens: 4, source: 'reported' };
const SEARCH = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { q: 'sea' } };
const RESULT = { type: 'web_search_tool_result', tool_use_id: 's1', content: [] };

function block(index: number, content_block: object, ...deltas: readonly object[]) {
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function ending(stop_reason: string, usage: object = { output_tokens: 4 }) {
  return [{ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage }, CLOSE];
}

const TEXT = block(
  1,
  { type: 'text', text: '' },
  { type: 'text_delta', text: 'The sea ' },
  { type: 'text_delta', text: 'was calm.' },
);
const WHOLE_TEXT = { type: 'text', text: 'The sea was calm.' };

/** Anthropic's answers. */
export const ANTHROPIC_FIXTURES: readonly Fixture[] = [
  messages(
    {
      title: 'thoughts as signed blocks; cumulative usage at the head and at the end',
      comesOut: 'reasoning; `reasoningDetails`, which go back in unmodified; counted once',
      outcome: {
        text: 'The sea was calm.',
        thought: 'Hm.',
        finish: ['stop', 'end_turn'],
        usage: COUNTED,
        details: [{ type: 'thinking', thinking: 'Hm.', signature: 'sig' }],
      },
    },
    START,
    { type: 'ping' },
    ...block(
      0,
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'Hm.' },
      { type: 'signature_delta', signature: 'sig' },
    ),
    ...TEXT,
    ...ending('end_turn'),
  ),
  messages(
    {
      title: "blocks of the vendor's own tools between texts",
      comesOut: 'all blocks in `reasoningDetails`, which go back in as they came; the tools also in the metadata',
      outcome: {
        text: 'The sea was calm.',
        finish: ['other', 'pause_turn'],
        details: [SEARCH, WHOLE_TEXT, RESULT],
        metadata: { blocks: [SEARCH, RESULT] },
      },
    },
    START,
    ...block(0, { ...SEARCH, input: {} }, { type: 'input_json_delta', partial_json: '{"q":"sea"}' }),
    ...TEXT,
    ...block(2, RESULT),
    ...ending('pause_turn'),
  ),
  messages(
    {
      title: 'a summary of the conversation as a `compaction` block; its tokens only in `usage.iterations`',
      comesOut: 'in `reasoningDetails`; counted',
      outcome: {
        text: 'The sea was calm.',
        finish: ['stop', 'end_turn'],
        details: [{ type: 'compaction', content: 'They spoke.' }, WHOLE_TEXT],
        usage: { inputTokens: 109, outputTokens: 24, source: 'reported' },
      },
    },
    START,
    ...block(0, { type: 'compaction', content: null }, { type: 'compaction_delta', content: 'They spoke.' }),
    ...TEXT,
    ...ending('end_turn', {
      output_tokens: 4,
      iterations: [
        { type: 'compaction', input_tokens: 100, output_tokens: 20 },
        { type: 'message', input_tokens: 9, output_tokens: 4 },
      ],
    }),
  ),
  messages(
    {
      title: 'calls that say who makes them (`caller`)',
      comesOut: 'calls; `caller` goes back in with them',
      outcome: {
        finish: ['tool-calls', 'tool_use'],
        calls: [{ name: 'now', arguments: '{}' }],
        details: [{ type: 'tool_use', id: 't1', name: 'now', input: {}, caller: { type: 'direct' } }],
      },
    },
    START,
    ...block(0, { type: 'tool_use', id: 't1', name: 'now', input: {}, caller: { type: 'direct' } }),
    ...ending('tool_use'),
  ),
  messages(
    {
      title: 'blocks, deltas and events of kinds that are not known',
      comesOut: 'kept as they came, with one warning',
      outcome: {
        text: 'The sea was calm.',
        finish: ['stop', 'end_turn'],
        details: [{ type: 'sketch', lines: [1, 2] }, WHOLE_TEXT],
        metadata: { blocks: [{ type: 'sketch', lines: [1, 2] }], events: [{ type: 'weather', wind: 3 }] },
      },
    },
    START,
    ...block(0, { type: 'sketch', lines: [1] }, { type: 'sketch_delta', lines: [2] }),
    { type: 'weather', wind: 3 },
    ...TEXT,
    ...ending('end_turn'),
  ),
];
