/** Streams and answers in the shapes that OpenRouter has been seen to send, made by hand: each a list of chunks. */

type Chunk = Readonly<Record<string, unknown>>;

export interface Recorded {
  readonly name: string;
  readonly chunks: readonly Chunk[];
}

const HEAD = {
  id: 'gen-1786300800-abc',
  object: 'chat.completion.chunk',
  created: 1_786_300_800,
  model: 'anthropic/claude-sonnet-4.5-20250929',
  provider: 'Amazon Bedrock',
};

/** The role comes in every chunk. */
export function chunk(delta: object, more: object = {}, choice: object = {}): Chunk {
  return {
    ...HEAD,
    ...more,
    choices: [
      {
        index: 0,
        delta: { role: 'assistant', content: '', ...delta },
        finish_reason: null,
        native_finish_reason: null,
        logprobs: null,
        ...choice,
      },
    ],
  };
}

const finished = (finish_reason: string, native_finish_reason: string, more: object = {}) =>
  chunk({}, more, { finish_reason, native_finish_reason });

export const USAGE = {
  prompt_tokens: 43,
  completion_tokens: 51,
  total_tokens: 94,
  cost: 0.000894,
  is_byok: false,
  prompt_tokens_details: { cached_tokens: 12, cache_write_tokens: 7, audio_tokens: 0, video_tokens: 0 },
  cost_details: {
    upstream_inference_cost: 0.00089,
    upstream_inference_prompt_cost: 0.000129,
    upstream_inference_completions_cost: 0.000765,
  },
  completion_tokens_details: { reasoning_tokens: 47, image_tokens: 0, audio_tokens: 0 },
};
export const READ_USAGE = {
  inputTokens: 43,
  outputTokens: 51,
  cachedInputTokens: 12,
  cacheWriteTokens: 7,
  reasoningTokens: 47,
  costUsd: 0.000894,
  source: 'reported',
};
/** One search at $0.007 beside what the tokens cost. */
const SEARCH_USAGE = {
  prompt_tokens: 4_100,
  completion_tokens: 210,
  total_tokens: 4_310,
  cost: 0.00765,
  cost_details: { upstream_inference_cost: 0.00065 },
  server_tool_use_details: { web_search_requests: 1, tool_calls_requested: 1, tool_calls_executed: 1 },
};

const thought = (text: string) =>
  chunk({
    reasoning: text,
    reasoning_details: [{ type: 'reasoning.text', text, format: 'anthropic-claude-v1', index: 0 }],
  });
const SIGNATURE = { type: 'reasoning.text', signature: 'EuQCCkYIAR…8=', format: 'anthropic-claude-v1', index: 0 };
const call = (...fragments: readonly object[]) => chunk({ content: null, tool_calls: fragments });
const citation = (url: string) => ({
  type: 'url_citation',
  url_citation: { url, title: '', content: 'Call me Ishmael.', start_index: 0, end_index: 0 },
});

export const STREAMS: readonly Recorded[] = [
  {
    name: 'the usage in a chunk with an empty delta (2025)',
    chunks: [
      chunk({ content: 'One — ' }),
      chunk({ content: 'zwei 🌊.' }),
      finished('stop', 'end_turn'),
      chunk({}, { usage: USAGE }),
    ],
  },
  {
    name: 'the usage in a chunk without choices (March 2026)',
    chunks: [
      chunk({ content: 'One — ' }),
      chunk({ content: 'zwei 🌊.' }),
      finished('stop', 'end_turn'),
      { ...HEAD, choices: [], usage: USAGE },
    ],
  },
  {
    name: 'the usage in a chunk that repeats the finish reason (August 2026)',
    chunks: [
      chunk({ content: 'One — ' }),
      chunk({ content: 'zwei 🌊.' }),
      finished('stop', 'end_turn'),
      finished('stop', 'end_turn', { service_tier: 'default', usage: USAGE }),
    ],
  },
  {
    name: 'reasoning whose signature comes last, without a text',
    chunks: [
      thought('The user asks '),
      thought('for a ship — 船.'),
      chunk({ reasoning_details: [SIGNATURE] }),
      chunk({ content: 'The Pequod.' }),
      finished('stop', 'end_turn'),
      finished('stop', 'end_turn', { usage: USAGE }),
    ],
  },
  {
    name: 'a summary and encrypted details that share an index',
    chunks: [
      chunk({
        reasoning: '**Naming**',
        reasoning_details: [
          { type: 'reasoning.summary', summary: '**Naming**', format: 'openai-responses-v1', index: 0 },
        ],
      }),
      chunk({
        reasoning: ' the ship',
        reasoning_details: [
          { type: 'reasoning.summary', summary: ' the ship', format: 'openai-responses-v1', index: 0 },
        ],
      }),
      chunk({
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'gAAAAABo…', id: 'rs_0f', format: 'openai-responses-v1', index: 0 },
        ],
      }),
      chunk({ content: 'The Pequod.' }),
      finished('stop', 'completed', { usage: USAGE }),
    ],
  },
  {
    name: 'reasoning details that are an empty list',
    chunks: [
      chunk({ content: 'The ', reasoning_details: [] }),
      chunk({ content: 'Pequod.' }),
      finished('stop', 'stop', { usage: USAGE }),
    ],
  },
  {
    name: 'parallel tool calls after reasoning, their fragments interleaved',
    chunks: [
      thought('Two cities.'),
      chunk({ reasoning_details: [SIGNATURE] }),
      call({ index: 0, id: 'toolu_01', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 0, function: { arguments: '' } }),
      call({ index: 0, function: { arguments: '{"city": "Ber' } }),
      call({ index: 1, id: 'toolu_02', type: 'function', function: { name: 'time', arguments: '{"zone"' } }),
      call({ index: 1, function: { arguments: ': "Europe/' } }, { index: 0, function: { arguments: 'lin"}' } }),
      call({ index: 1, function: { arguments: 'Zürich"}' } }),
      finished('tool_calls', 'tool_use'),
      finished('tool_calls', 'tool_use', { usage: USAGE, service_tier: 'default' }),
    ],
  },
  {
    name: 'the upstream bodies of a debugging client first',
    chunks: [
      {
        ...HEAD,
        provider: 'Anthropic',
        choices: [],
        debug: { echo_upstream_body: { max_tokens: 64, first_try: true } },
      },
      { ...HEAD, choices: [], debug: { echo_upstream_body: { max_tokens: 64, second_try: true } } },
      chunk({ content: 'The Pequod.' }),
      finished('stop', 'end_turn', { usage: USAGE }),
    ],
  },
  {
    name: 'annotations of a web search, with its fee in the cost',
    chunks: [
      chunk({ content: 'See ' }),
      chunk({ content: 'here.' }),
      chunk({ annotations: [citation('https://a.example/1')] }),
      chunk({
        annotations: [
          citation('https://a.example/2'),
          { type: 'file', file: { hash: 'f00d', name: 'log.pdf', content: [{ type: 'text', text: 'Loomings' }] } },
        ],
      }),
      finished('stop', 'stop'),
      finished('stop', 'stop', { usage: SEARCH_USAGE }),
    ],
  },
  {
    name: 'images',
    chunks: [
      chunk({ content: 'A ship: ' }),
      chunk({
        images: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high' }, index: 0 },
        ],
      }),
      chunk({ images: [{ type: 'image_url', image_url: { url: 'https://a.example/ship.png' } }] }),
      finished('stop', 'STOP', { usage: USAGE }),
    ],
  },
  {
    name: "the router's story on the last chunk",
    chunks: [
      chunk({ content: 'The Pequod.' }),
      finished('stop', 'end_turn'),
      finished('stop', 'end_turn', {
        usage: USAGE,
        service_tier: 'flex',
        openrouter_metadata: {
          requested: 'anthropic/claude-sonnet-4.5',
          attempts: [
            { provider: 'Anthropic', status: 529 },
            { provider: 'Amazon Bedrock', status: 200 },
          ],
        },
      }),
    ],
  },
  {
    name: 'fields that nobody knows, anywhere',
    chunks: [
      chunk({ content: 'The ', of_delta: 'u-1' }, { of_chunk: { deep: ['u-2', 7.25] } }, { of_choice: 'u-3' }),
      chunk(
        { content: 'Pequod', of_delta: 'u-4' },
        { of_a_later_chunk: 'u-5' },
        { of_choice: 'u-6', logprobs: { content: [{ token: 'Pequod', logprob: -0.5 }] } },
      ),
      chunk({
        reasoning_details: [
          {
            type: 'reasoning.server_tool_call',
            tool_name: 'search',
            arguments: '{}',
            result: 'u-7',
            tool_call_id: 'srv_1',
            of_details: 'u-8',
          },
        ],
        annotations: [{ type: 'u-9', of_annotation: 9.5 }],
      }),
      chunk({ audio: { id: 'audio_1', data: 'UklGRg==' } }),
      chunk({ audio: { data: 'AAAA', transcript: 'u-10' } }),
      call({
        index: 0,
        id: 'call_1',
        type: 'function',
        function: { name: 'f', arguments: '{}', of_function: 'u-11' },
        of_call: 'u-12',
        extra_content: { google: { thought_signature: 'u-13' } },
      }),
      chunk({
        images: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', of_url: 'u-14' }, of_image: 'u-15' },
        ],
      }),
      chunk(
        {},
        { system_fingerprint: 'fp_1', usage: { ...USAGE, of_usage: 'u-16', is_byok: true } },
        { finish_reason: 'tool_calls', native_finish_reason: 'MALFORMED_FUNCTION_CALL' },
      ),
    ],
  },
  {
    name: 'a refusal beside the text',
    chunks: [
      chunk({ content: 'I will not say more.' }),
      chunk({ content: null, refusal: 'I cannot ' }),
      chunk({ content: null, refusal: 'help with that.' }),
      finished('stop', 'refusal', { usage: USAGE }),
    ],
  },
  {
    name: 'an error after the finish reason "length", with the usage',
    chunks: [
      chunk({ content: 'The Peq' }),
      finished('length', 'length'),
      finished('length', 'length'),
      chunk({}, { error: { code: 400, message: 'Token limit reached' }, usage: USAGE }),
    ],
  },
];

/** Errors in the middle of a stream; what they are, and whether some text has come before. */
export interface RecordedError extends Recorded {
  readonly error: Readonly<Record<string, unknown>>;
  readonly hasText: boolean;
}

export const ERRORS: readonly RecordedError[] = [
  {
    name: 'at the top, with the finish reason "error"',
    hasText: true,
    error: { code: 'rate-limit', status: 429, retryable: true },
    chunks: [
      chunk({ content: 'The Peq' }),
      chunk(
        {},
        { error: { code: 429, message: 'Rate limit exceeded', metadata: { error_type: 'rate_limit_exceeded' } } },
        { finish_reason: 'error' },
      ),
    ],
  },
  {
    name: 'at the top, with a word for its code',
    hasText: true,
    error: { code: 'server-error', status: 502, retryable: true },
    chunks: [
      chunk({ content: 'The Peq' }),
      chunk(
        {},
        { error: { code: 'server_error', message: 'Provider disconnected unexpectedly' } },
        { finish_reason: 'error' },
      ),
    ],
  },
  {
    name: 'in the choice',
    hasText: true,
    error: { code: 'server-error', status: 502 },
    chunks: [
      chunk({ content: 'The Peq' }),
      chunk(
        {},
        { usage: USAGE },
        {
          error: {
            message: 'Error processing stream',
            code: 502,
            metadata: { provider_name: 'Chutes', raw: { retryable: true } },
          },
          finish_reason: 'error',
        },
      ),
    ],
  },
  {
    name: 'without choices, in place of everything',
    hasText: false,
    error: { code: 'overloaded', status: 503, retryable: true },
    chunks: [
      {
        ...HEAD,
        choices: [],
        error: {
          code: 503,
          message: 'Provider returned error',
          metadata: { provider_name: 'Chutes', raw: '{"error":{"message":"no instances"}}' },
        },
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      },
    ],
  },
  {
    name: 'bare, as the only event',
    hasText: false,
    error: { code: 'payment-required', status: 402, retryable: false },
    chunks: [{ error: { code: 402, message: 'Insufficient credits' }, user_id: 'user_2x' }],
  },
  {
    name: 'as nothing but the finish reason "error"',
    hasText: true,
    error: { code: 'server-error', status: 502, retryable: true },
    chunks: [chunk({ content: 'The Peq' }), finished('error', 'error')],
  },
];

/** Answers in one piece. */
export const ANSWERS: readonly { readonly name: string; readonly body: Chunk }[] = [
  {
    name: 'with reasoning',
    body: {
      ...HEAD,
      object: 'chat.completion',
      system_fingerprint: null,
      service_tier: 'default',
      openrouter_metadata: { requested: 'anthropic/claude-sonnet-4.5' },
      usage: USAGE,
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
          logprobs: { content: [{ token: 'The', logprob: -0.25 }] },
          message: {
            role: 'assistant',
            content: 'The Pequod.',
            refusal: null,
            reasoning: 'One. Two.',
            of_message: 'u-1',
            annotations: [citation('https://a.example/1')],
            // Two entries that say the same of themselves are still two.
            reasoning_details: [
              { type: 'reasoning.text', text: 'One.', format: 'unknown', index: 0 },
              { type: 'reasoning.text', text: ' Two.', format: 'unknown', index: 0, signature: 'EuQC…' },
              { type: 'reasoning.encrypted', data: 'gAAA', index: 0 },
            ],
          },
        },
      ],
    },
  },
  {
    name: 'with tool calls, and images',
    body: {
      ...HEAD,
      object: 'chat.completion',
      usage: SEARCH_USAGE,
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          native_finish_reason: 'tool_use',
          of_choice: 'u-2',
          message: {
            role: 'assistant',
            content: null,
            images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
            tool_calls: [
              {
                index: 0,
                id: 'toolu_01',
                type: 'function',
                function: { name: 'weather', arguments: '{"city": "Berlin"}' },
              },
              { index: 1, id: 'toolu_02', type: 'function', function: { name: 'time', arguments: '{}' } },
            ],
          },
        },
      ],
    },
  },
];
