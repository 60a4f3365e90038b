import { answer, finish, piece, stream, usageChunk, whole } from './fixture.js';
import type { Fixture } from './fixture.js';

const STOP = ['stop', 'stop'] as const;
const COUNTS = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const COUNTED = { inputTokens: 9, outputTokens: 4, source: 'reported' };
const ENDED = { text: 'The sea was calm.', finish: STOP };
const PIECES = [piece({ role: 'assistant', content: 'The sea ' }), piece({ content: 'was calm.' })];
const CALL = { name: 'weather', arguments: '{"in":"Oslo"}' };

/** The answers of the servers that have a preset. */
export const PRESET_FIXTURES: readonly Fixture[] = [
  stream(
    {
      server: 'openai',
      title: 'usage comes in a last chunk without choices, and only if it is asked for',
      comesOut: 'it is asked for, and counted with its cached and reasoning tokens',
      outcome: { ...ENDED, usage: { ...COUNTED, cachedInputTokens: 4, reasoningTokens: 2 } },
    },
    ...PIECES,
    finish('stop'),
    usageChunk({
      ...COUNTS,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 2 },
    }),
  ),
  stream(
    {
      server: 'openai',
      title: '`refusal` in place of `content`',
      comesOut: 'the error `content-filter`, with the words of the refusal',
      outcome: { failure: 'content-filter' },
    },
    piece({ role: 'assistant', refusal: 'I would ' }),
    piece({ refusal: 'rather not.' }),
    finish('stop'),
  ),
  answer(
    {
      server: 'openai',
      title: '`audio` in place of text',
      comesOut: 'an answer without text; the sound in the metadata',
      outcome: { finish: STOP, metadata: { audio: { id: 'audio_1', data: 'UklGRg==', transcript: 'The sea.' } } },
    },
    whole({ content: null, audio: { id: 'audio_1', data: 'UklGRg==', transcript: 'The sea.' } }),
  ),
  stream(
    {
      server: 'openai',
      title: '`n` choices, mixed in one stream',
      comesOut: 'the first one is the answer; the others are in the metadata, with a warning',
      outcome: {
        ...ENDED,
        metadata: { choices: [{ index: 1, message: { content: 'The sea was wild.' }, finish_reason: 'stop' }] },
      },
    },
    PIECES[0]!,
    piece({ content: 'The sea ' }, { index: 1 }),
    PIECES[1]!,
    piece({ content: 'was wild.' }, { index: 1 }),
    finish('stop'),
    piece({}, { index: 1, finish_reason: 'stop' }),
  ),
  stream(
    {
      server: 'groq',
      title: 'usage under `x_groq`',
      comesOut: 'counted',
      outcome: { ...ENDED, usage: COUNTED },
    },
    ...PIECES,
    finish('stop', { x_groq: { id: 'req_1', usage: COUNTS } }),
  ),
  stream(
    {
      server: 'groq',
      title: 'errors in mid-stream under `x_groq`, as a text',
      comesOut: 'the error, with these words',
      outcome: { text: 'The sea ', failure: 'server-error' },
    },
    PIECES[0]!,
    { id: 'chatcmpl-1', choices: [], x_groq: { error: 'over capacity' } },
  ),
  stream(
    {
      server: 'together',
      title: '`seed` in the last choice',
      comesOut: 'in the metadata',
      outcome: { ...ENDED, finish: ['stop', 'eos'], metadata: { seed: 7 } },
    },
    ...PIECES,
    piece({}, { finish_reason: 'eos', seed: 7 }),
  ),
  stream(
    {
      server: 'mistral',
      title: 'thoughts as parts of the content, of the type `thinking`',
      comesOut: 'reasoning; `reasoningDetails` has them, and they go back in as they came',
      outcome: {
        ...ENDED,
        thought: 'Hm — so.',
        details: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm — so.' }], closed: true }],
      },
    },
    piece({ role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
    piece({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' — so.' }], closed: true }] }),
    piece({ content: [{ type: 'text', text: 'The sea ' }] }),
    piece({ content: 'was calm.' }),
    finish('stop'),
  ),
  answer(
    {
      server: 'mistral',
      title: 'references as parts of the content',
      comesOut: 'in the metadata, as `content_parts`',
      outcome: { ...ENDED, metadata: { content_parts: [{ type: 'reference', reference_ids: [1] }] } },
    },
    whole({
      content: [
        { type: 'text', text: 'The sea was calm.' },
        { type: 'reference', reference_ids: [1] },
      ],
    }),
  ),
  stream(
    {
      server: 'mistral',
      title: 'an error in mid-stream is an object without an envelope',
      comesOut: 'the error, after the text that had come',
      outcome: { text: 'The sea ', failure: 'server-error' },
    },
    PIECES[0]!,
    { object: 'error', message: 'engine died', type: 'internal_error', code: 500 },
  ),
  stream(
    {
      server: 'deepseek',
      title: 'thoughts in `reasoning_content`; cached tokens in `prompt_cache_hit_tokens`',
      comesOut: 'reasoning; counted',
      outcome: { ...ENDED, thought: 'Hm.', usage: { ...COUNTED, cachedInputTokens: 4 } },
    },
    piece({ role: 'assistant', content: null, reasoning_content: 'Hm.' }),
    ...PIECES,
    finish('stop', { usage: { ...COUNTS, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 } }),
  ),
  stream(
    {
      server: 'vllm',
      title: 'thoughts in `reasoning`, if it has a parser for the model; `stop_reason` in each choice',
      comesOut: 'reasoning; in the metadata',
      outcome: { ...ENDED, thought: 'Hm.', metadata: { stop_reason: 128_009 } },
    },
    piece({ role: 'assistant', reasoning: 'Hm.' }),
    ...PIECES,
    piece({}, { finish_reason: 'stop', stop_reason: 128_009 }),
  ),
  stream(
    {
      server: 'vllm',
      title: 'without a parser, thoughts in the text whose first tag the chat template has written',
      comesOut: "reasoning, with `thoughts: { 'a-model': 'opened' }`; otherwise text",
      config: { thoughts: { 'a-model': 'opened' } },
      outcome: { ...ENDED, thought: 'Hm.\n' },
    },
    piece({ role: 'assistant', content: 'Hm.\n</th' }),
    piece({ content: 'ink>\n\nThe sea ' }),
    PIECES[1]!,
    finish('stop'),
  ),
  stream(
    {
      server: 'llama-cpp',
      title: '`timings` beside the usage',
      comesOut: 'in the metadata',
      outcome: { ...ENDED, usage: COUNTED, metadata: { timings: { predicted_per_second: 40 } } },
    },
    ...PIECES,
    finish('stop'),
    { ...usageChunk(COUNTS), timings: { predicted_per_second: 40 } },
  ),
  stream(
    {
      server: 'llama-cpp',
      title: 'thoughts between tags at the head of the text, with `--reasoning-format none`',
      comesOut: "reasoning; text, with `thoughts: { '*': 'none' }`",
      outcome: { ...ENDED, thought: 'Hm.' },
    },
    piece({ role: 'assistant', content: '<thi' }),
    piece({ content: 'nk>Hm.</think>\n\n' }),
    ...PIECES,
    finish('stop'),
  ),
  stream(
    {
      server: 'lm-studio',
      title: '`stats` and `model_info` beside the usage',
      comesOut: 'in the metadata',
      outcome: { ...ENDED, usage: COUNTED, metadata: { stats: { tokens_per_second: 40 } } },
    },
    ...PIECES,
    finish('stop', { usage: COUNTS, stats: { tokens_per_second: 40 } }),
  ),
  stream(
    {
      server: 'ollama',
      title: 'tool calls whole in one piece, all with the index 0',
      comesOut: 'told apart by their ids',
      outcome: { finish: ['tool-calls', 'tool_calls'], calls: [CALL, { name: 'now', arguments: '{}' }] },
    },
    piece({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: CALL }] }),
    piece({ tool_calls: [{ index: 0, id: 'call_b', type: 'function', function: { name: 'now', arguments: '{}' } }] }),
    finish('tool_calls'),
  ),
  stream(
    {
      server: 'ollama',
      title: 'a call that ends with the finish reason `stop`',
      comesOut: '`tool-calls`',
      outcome: { finish: ['tool-calls', 'stop'], calls: [CALL] },
    },
    piece({ tool_calls: [{ id: 'call_a', type: 'function', function: CALL }] }),
    finish('stop'),
  ),
];
