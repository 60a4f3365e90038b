import { answer, finish, piece, stream, usageChunk, whole } from './fixture.js';
import type { Fixture } from './fixture.js';

const STOP = ['stop', 'stop'] as const;
const COUNTS = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const COUNTED = { inputTokens: 9, outputTokens: 4, source: 'reported' };
const ENDED = { text: 'The sea was calm.', finish: STOP };
const PIECES = [piece({ role: 'assistant', content: 'The sea ' }), piece({ content: 'was calm.' })];
const CALL = { name: 'weather', arguments: '{"in":"Oslo"}' };

/** Answers of servers that are reached by the preset `generic`. */
export const OTHER_FIXTURES: readonly Fixture[] = [
  stream(
    {
      server: 'generic',
      vendor: 'Azure OpenAI',
      title: 'a first chunk without choices; the findings of its filter',
      comesOut: 'in the metadata',
      outcome: {
        ...ENDED,
        metadata: { prompt_filter_results: [{ prompt_index: 0 }], content_filter_results: { hate: {} } },
      },
    },
    { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
    ...PIECES,
    piece({}, { finish_reason: 'stop', content_filter_results: { hate: {} } }),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Google Gemini',
      title: 'thoughts between `<thought>` and `</thought>`, if they are asked for',
      comesOut: 'reasoning',
      outcome: { ...ENDED, thought: 'Hm.' },
    },
    piece({ role: 'assistant', content: '<thought>Hm.', extra_content: { google: { thought: true } } }),
    piece({ content: '</thought>The sea ' }),
    PIECES[1]!,
    finish('stop'),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Google Gemini',
      title: 'calls without an index, with a signature in `extra_content`',
      comesOut: 'the calls; the signature in the metadata',
      outcome: {
        finish: ['tool-calls', 'tool_calls'],
        calls: [CALL],
        metadata: { tool_calls: [{ extra_content: { google: { thought_signature: 'sig' } } }] },
      },
    },
    piece({
      tool_calls: [
        { id: 'call_a', type: 'function', function: CALL, extra_content: { google: { thought_signature: 'sig' } } },
      ],
    }),
    finish('tool_calls'),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'xAI',
      title: 'a cost in ten-billionths of a dollar, `cost_in_usd_ticks`; `citations` beside the choices',
      comesOut: 'the cost in dollars; in the metadata',
      outcome: { ...ENDED, usage: { ...COUNTED, costUsd: 0.25 }, metadata: { citations: ['https://x.example'] } },
    },
    ...PIECES,
    finish('stop'),
    { ...usageChunk({ ...COUNTS, cost_in_usd_ticks: 2_500_000_000 }), citations: ['https://x.example'] },
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Cohere',
      title: 'thoughts between `<|START_THINKING|>` and `<|END_THINKING|>`',
      comesOut: 'reasoning',
      outcome: { text: 'The sea was calm.', thought: 'Hm.', finish: ['stop', 'COMPLETE'] },
    },
    piece({ content: '<|START_THINKING|>Hm.<|END_THINKING|>' }),
    ...PIECES,
    finish('COMPLETE'),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Perplexity',
      title: 'each chunk has `delta` and the whole `message` so far; `search_results` and a cost as an object',
      comesOut: 'the text once; in the metadata; the total cost',
      outcome: {
        ...ENDED,
        usage: { ...COUNTED, costUsd: 0.006 },
        metadata: { search_results: [{ url: 'https://x.example' }] },
      },
    },
    piece({ role: 'assistant', content: 'The sea ' }, { message: { role: 'assistant', content: 'The sea ' } }),
    piece(
      { content: 'was calm.' },
      { message: { role: 'assistant', content: 'The sea was calm.' }, finish_reason: 'stop' },
      {
        usage: { ...COUNTS, cost: { request_cost: 0.005, total_cost: 0.006 } },
        search_results: [{ url: 'https://x.example' }],
      },
    ),
  ),
  answer(
    {
      server: 'generic',
      vendor: 'Fireworks, Cerebras and others, with open models',
      title: 'thoughts between `<think>` tags in a whole body',
      comesOut: 'reasoning, for texts and objects',
      outcome: { text: '{"sea":"calm"}', thought: 'Hm.', finish: STOP, usage: COUNTED },
    },
    whole({ content: '<think>Hm.</think>\n{"sea":"calm"}' }, {}, { usage: COUNTS, time_info: { total_time: 0.2 } }),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Moonshot',
      title: 'usage inside the last choice; cached tokens as `cached_tokens`',
      comesOut: 'counted',
      outcome: { ...ENDED, usage: { ...COUNTED, cachedInputTokens: 4 } },
    },
    ...PIECES,
    piece({}, { finish_reason: 'stop', usage: { ...COUNTS, cached_tokens: 4 } }),
  ),
  stream(
    {
      server: 'generic',
      vendor: 'MiniMax',
      title: 'a last chunk with the whole text as `message`',
      comesOut: 'the text once',
      outcome: { ...ENDED, usage: COUNTED },
    },
    ...PIECES,
    whole({ content: 'The sea was calm.' }, {}, { usage: COUNTS, base_resp: { status_code: 0, status_msg: '' } }),
  ),
  answer(
    {
      server: 'generic',
      vendor: 'MiniMax',
      title: 'errors as `base_resp` with status 200',
      comesOut: 'the error that its code stands for',
      outcome: { failure: 'rate-limit' },
    },
    { id: '1', choices: null, base_resp: { status_code: 1002, status_msg: 'rate limit' } },
  ),
  stream(
    {
      server: 'generic',
      vendor: 'Qwen (DashScope)',
      title: 'thoughts in `reasoning_content`, beside an empty `content`; the text "null" for no finish reason',
      comesOut: 'reasoning; the answer goes on',
      outcome: { ...ENDED, thought: 'Hm.' },
    },
    piece({ content: '', reasoning_content: 'Hm.' }, { finish_reason: 'null' }),
    piece({ content: 'The sea ' }, { finish_reason: 'null' }),
    PIECES[1]!,
    finish('stop'),
  ),
  answer(
    {
      server: 'generic',
      vendor: 'older servers',
      title: 'a whole body without a finish reason',
      comesOut: '`other`, with a warning; `stop`, with `endsByTerminator`',
      outcome: { text: 'The sea was calm.', finish: ['other', null] },
    },
    { choices: [{ message: { content: 'The sea was calm.' } }] },
  ),
  stream(
    {
      server: 'generic',
      vendor: 'older servers',
      title: 'no finish reason, only `[DONE]`',
      comesOut: '`stop`, with `endsByTerminator`; otherwise the error `truncated`',
      config: { endsByTerminator: true },
      outcome: { text: 'The sea was calm.', finish: ['stop', null] },
    },
    ...PIECES,
  ),
];
